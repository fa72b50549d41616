/**
 * How often somebody may do something, the same over all instances; and which new connections an instance takes. Knows
 * nothing of sockets.
 */
@NullMarked
package dev.parley.tier.limit;

import org.jspecify.annotations.NullMarked;
