/**
 * Live delivery: which connections want the events of which channel, and how an event reaches them in order, once,
 * without a gap behind what history gave them.
 */
@NullMarked
package dev.parley.tier.room;

import org.jspecify.annotations.NullMarked;
