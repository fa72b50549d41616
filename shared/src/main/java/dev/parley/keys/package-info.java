/**
 * Every Redis key and channel: name, type, time to live and slot, declared once. Keys of one chat share the slot of
 * {@code {chatId}}, keys of one user that of {@code {userId}}, so that scripts over them work on a cluster.
 */
@NullMarked
package dev.parley.keys;

import org.jspecify.annotations.NullMarked;
