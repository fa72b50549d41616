/** The processes under load and their users: started here, or named by the caller; and what they cost. */
@NullMarked
package dev.parley.bench.load.world;

import org.jspecify.annotations.NullMarked;
