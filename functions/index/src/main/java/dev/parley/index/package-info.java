/** The index function: what was persisted becomes searchable. It knows nothing of who may read what. */
@NullMarked
package dev.parley.index;

import org.jspecify.annotations.NullMarked;
