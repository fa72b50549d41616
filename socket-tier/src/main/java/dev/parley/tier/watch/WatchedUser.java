package dev.parley.tier.watch;

import dev.parley.id.UserId;
import dev.parley.tier.room.Broadcast;
import dev.parley.wire.RoomEvent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user whose presence connections of this instance watch, and what is known of it. It is known from the first event, or
 * from what was read behind the subscription, until the subscription is interrupted; whoever begins to watch meanwhile
 * is answered from here. Thread-safe.
 */
final class WatchedUser {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedUser.class);
    private static final long KNOWN_TIMEOUT_MS = 2_000;
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    private final UserId user;
    private final String channel;

    /** The watches on each loop; only that loop touches its set. */
    private final Map<Executor, Set<Watch>> watches = new ConcurrentHashMap<>();

    // From here on guarded by this.
    private boolean subscribed;
    private boolean known;

    /** Counts the subscriptions; what was read behind another one may be older than what came since. */
    private int epoch;

    /** Whether an event has come since the subscription was restored. */
    private boolean heard;

    /** The newest presence that this instance has seen; null for none. May be old where it is not known. */
    private @Nullable RoomEvent latest;

    /** Until then it means nothing that Redis knows nothing of the user. */
    private long silentUntil;

    private @Nullable CompletableFuture<Void> waiting;

    WatchedUser(UserId user, String channel) {
        this.user = user;
        this.channel = channel;
    }

    UserId user() {
        return user;
    }

    String channel() {
        return channel;
    }

    /** On the loop of the watch, as {@link #remove}. */
    void add(Executor loop, Watch watch) {
        watches.computeIfAbsent(loop, l -> new HashSet<>()).add(watch);
    }

    void remove(Executor loop, Watch watch) {
        Set<Watch> here = watches.get(loop);
        if (here != null && here.remove(watch) && here.isEmpty()) {
            watches.remove(loop);
        }
    }

    /**
     * Events come from now on.
     *
     * @param silence for how long instances may need to tell a Redis that has lost its memory who is connected
     */
    synchronized void restored(long silence) {
        subscribed = true;
        heard = false;
        epoch++;
        silentUntil = System.nanoTime() + silence;
    }

    synchronized void interrupted() {
        subscribed = false;
        known = false;
        epoch++;
    }

    synchronized int epoch() {
        return epoch;
    }

    /** An event of the channel. */
    void received(RoomEvent event) {
        synchronized (this) {
            heard = true;
        }
        learn(event);
    }

    /**
     * What was read of the user.
     *
     * @param asked the epoch in which it was asked for; where another one has begun since it is of no use, and is read
     *     again because of that
     * @param read what was published last; null where Redis knows nothing of the user
     * @param silent what that means for somebody of whom nothing was known before
     * @return false where it has to be read again later
     */
    boolean read(int asked, @Nullable RoomEvent read, RoomEvent silent) {
        RoomEvent event;
        synchronized (this) {
            RoomEvent before = latest;
            if (asked != epoch) {
                return true;
            } else if (read != null && before != null && !heard && read.seq() < before.seq()) {
                // The server has lost its newest memory: what it says now counts all the same.
                event = new RoomEvent(read.name(), before.seq() + 1, read.json());
            } else if (read != null) {
                event = read;
            } else if (before == null) {
                event = silent;
            } else if (isOffline(before, silent)) {
                event = before;
            } else if (System.nanoTime() - silentUntil < 0) {
                return false;
            } else {
                event = new RoomEvent(silent.name(), before.seq() + 1, silent.json());
            }
        }
        learn(event);
        return true;
    }

    /** Whether it says that the user is offline, since whenever: it begins like what is said of the unknown. */
    private static boolean isOffline(RoomEvent event, RoomEvent silent) {
        int common = silent.json().length - 1;
        return event.json().length > common && Arrays.equals(event.json(), 0, common, silent.json(), 0, common);
    }

    /** What says the same as before is not passed on a second time, whatever its version. */
    private void learn(RoomEvent event) {
        CompletableFuture<Void> told;
        synchronized (this) {
            RoomEvent before = latest;
            RoomEvent newest = before == null || (event.seq() > before.seq() && !says(before, event)) ? event : before;
            if (known && newest == before) {
                return;
            }
            latest = newest;
            known = true;
            told = waiting;
            waiting = null;
            give(new Broadcast(newest));
        }
        if (told != null) {
            told.complete(null);
        }
    }

    private static boolean says(RoomEvent one, RoomEvent other) {
        return Arrays.equals(one.json(), other.json());
    }

    /** Holding the lock, so that all loops see the same order. */
    private void give(Broadcast presence) {
        watches.forEach((loop, here) -> {
            try {
                loop.execute(() -> here.forEach(watch -> watch.deliver(presence)));
            } catch (RejectedExecutionException shuttingDown) {
                LOG.debug("not delivered: the loop has ended", shuttingDown);
            }
        });
    }

    /** Completes when the presence is known, or will not be soon. */
    synchronized CompletionStage<Void> whenKnown() {
        if (known) {
            return DONE;
        }
        if (waiting == null || waiting.isDone()) {
            waiting = new CompletableFuture<Void>().completeOnTimeout(null, KNOWN_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }
        return waiting;
    }

    /** The presence as it is; null while that is not known. */
    synchronized @Nullable RoomEvent presence() {
        return known ? latest : null;
    }
}
