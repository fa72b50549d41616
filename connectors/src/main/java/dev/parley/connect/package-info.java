/** Makes the contracts of {@code shared} available as beans, the same for the tier and for every function. */
@NullMarked
package dev.parley.connect;

import org.jspecify.annotations.NullMarked;
