/**
 * How often somebody may do something, the same over all instances.
 */
@NullMarked
package dev.parley.tier.limit;

import org.jspecify.annotations.NullMarked;
