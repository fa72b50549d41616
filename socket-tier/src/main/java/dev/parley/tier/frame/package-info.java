/**
 * What lies between the bytes of a connection and what they mean: whole WebSocket frames of either codec, ready to be
 * shared between connections; the way to a client ({@link dev.parley.tier.frame.Transport}) and what reads from it
 * ({@link dev.parley.tier.frame.Dialect}). Knows neither Netty nor the chat.
 */
@NullMarked
package dev.parley.tier.frame;

import org.jspecify.annotations.NullMarked;
