/**
 * The connections: from the WebSocket upgrade to the close. Reads frames in either codec, runs the requests of a
 * connection in order, writes answers and events. Everything of a connection belongs to its event loop. It calls the use
 * cases in {@code message} and {@code room}; nothing calls it back but through {@link dev.parley.tier.room.Member}.
 */
@NullMarked
package dev.parley.tier.edge;

import org.jspecify.annotations.NullMarked;
