package dev.parley.tier.watch;

import dev.parley.tier.room.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * One connection's eye on one user. Shows what is newer than what it has shown, so that what comes twice or late changes
 * nothing; while its owner holds events it keeps the newest one only. Belongs to the connection's loop.
 */
final class Watch {

    private final Watching owner;
    private final WatchedUser watched;

    /** The version that the client knows; -1 for none. */
    private long shown = -1;

    private @Nullable Broadcast held;

    Watch(Watching owner, WatchedUser watched) {
        this.owner = owner;
        this.watched = watched;
    }

    WatchedUser watched() {
        return watched;
    }

    void deliver(Broadcast presence) {
        if (owner.mayShow()) {
            show(presence);
        } else if (held == null || held.event().seq() < presence.event().seq()) {
            held = presence;
        }
    }

    /** The client is told this version in another way. */
    void skipTo(long version) {
        shown = Math.max(shown, version);
    }

    /** Shows what was held meanwhile, as long as the reader takes it. */
    void release() {
        Broadcast newest = held;
        if (newest != null && !owner.waitsForReader()) {
            held = null;
            show(newest);
        }
    }

    private void show(Broadcast presence) {
        long version = presence.event().seq();
        if (version > shown) {
            shown = version;
            owner.show(presence);
        }
    }
}
