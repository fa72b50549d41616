/** Turns events and answers into whole WebSocket frames of either codec, ready to be shared between connections. */
@NullMarked
package dev.parley.tier.frame;

import org.jspecify.annotations.NullMarked;
