/**
 * Who watches whose presence: which connections want to be told of which users, and how a change reaches them, once and
 * never an older one behind a newer one. Used by the edge. Knows nothing of chats but that two users share one, and
 * nothing of how a presence comes about.
 *
 * <pre>
 *   watch-presence ─▶ WatchPresence ─▶ Watching (a connection's watches) ─▶ Watch ─▶ the connection
 *                                                                            ▲
 *   presence:{U} in Redis ─▶ WatchedUsers ─▶ WatchedUser (one for all of the instance)
 * </pre>
 */
@NullMarked
package dev.parley.tier.watch;

import org.jspecify.annotations.NullMarked;
