/**
 * Who is connected where: tells Redis of the connections of this instance and that it lives, and clears up after
 * instances that do not. Used by the edge. Knows nothing of sockets or rooms.
 */
@NullMarked
package dev.parley.tier.presence;

import org.jspecify.annotations.NullMarked;
