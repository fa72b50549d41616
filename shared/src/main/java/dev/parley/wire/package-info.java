/**
 * What clients and tier say to each other: events, error and close codes, and the two codecs that carry them (plain
 * JSON and Socket.IO v5). Pure: no I/O, no threads, no server types. The edge of the socket tier calls it; the functions
 * and the cache share {@link dev.parley.wire.ChatMessage}, which is the same JSON on the wire, in the recent cache and
 * in the queue.
 */
@NullMarked
package dev.parley.wire;

import org.jspecify.annotations.NullMarked;
