package dev.parley.tier.watch;

import dev.parley.id.UserId;
import dev.parley.tier.member.Contacts;
import dev.parley.tier.room.Broadcast;
import dev.parley.wire.RoomEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom one connection watches. That it may is looked up when it begins and, where that was a while ago, before the next
 * event is shown: so a connection that is told nothing costs nothing, and nobody is told anything of somebody with whom
 * he has shared no chat for longer than {@code recheck}. Exists only for connections that watch somebody; belongs to
 * their loop.
 */
public final class Watching {

    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

    private static final long TRY_AGAIN_MS = 5_000;
    private static final long LOOK_AT_READER_MS = 500;

    private final WatchPresence.Watcher watcher;
    private final WatchedUsers users;
    private final Contacts contacts;
    private final long recheckNanos;
    private final Map<UserId, Watch> watches = new HashMap<>();

    /** Reasons to hold events now: an answer that must come first, a check under way, a reader that is behind. */
    private int holds;

    private boolean readerIsBehind;
    private boolean closed;

    private long checkedAt;

    /** Counts the sets; what was looked up for another one says nothing of this one. */
    private int sets;

    Watching(WatchPresence.Watcher watcher, WatchedUsers users, Contacts contacts, Duration recheck) {
        this.watcher = watcher;
        this.users = users;
        this.contacts = contacts;
        this.recheckNanos = recheck.toNanos();
    }

    /**
     * Watches exactly these, whom the user may know of as was just looked up, and holds what comes of them until
     * {@link #release}. Completes when their presences are known, or will not be soon.
     */
    CompletionStage<Void> replace(Collection<UserId> wanted) {
        sets++;
        holds++;
        checkedAt = System.nanoTime();
        Set<UserId> others = new HashSet<>(watches.keySet());
        wanted.forEach(others::remove);
        others.forEach(this::giveUp);
        CompletableFuture<?>[] known = wanted.stream()
                .map(one -> watches.computeIfAbsent(one, id -> users.enter(id, this, watcher.loop())))
                .map(watch -> users.whenKnown(watch).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(known);
    }

    /** The presences as they are, without those that are not known; the client is told of them in an answer. */
    List<RoomEvent> presences(Collection<UserId> wanted) {
        return wanted.stream()
                .flatMap(one -> Stream.ofNullable(watches.get(one)))
                .flatMap(watch -> {
                    RoomEvent presence = watch.watched().presence();
                    if (presence != null) {
                        watch.skipTo(presence.seq());
                    }
                    return Stream.ofNullable(presence);
                })
                .toList();
    }

    /** Ends one reason to hold events. */
    void release() {
        holds--;
        if (holds == 0) {
            showHeld();
        }
    }

    private void showHeld() {
        watches.values().forEach(Watch::release);
    }

    /** Whether an event may be shown now; otherwise it is to be held. */
    boolean mayShow() {
        if (holds == 0 && System.nanoTime() - checkedAt > recheckNanos && !contacts.areAsTheyWere()) {
            holds++;
            check(sets);
        }
        return holds == 0 && !waitsForReader();
    }

    /**
     * Whether the reader is behind, so that he would never learn of what he is shown now. It is then held, the newest of
     * each user, until he has caught up.
     */
    boolean waitsForReader() {
        if (!readerIsBehind && watcher.isBehind()) {
            readerIsBehind = true;
            holds++;
            lookAtReaderLater();
        }
        return readerIsBehind;
    }

    private void lookAtReaderLater() {
        later(LOOK_AT_READER_MS, () -> {
            if (closed) {
                return;
            }
            if (watcher.isBehind()) {
                lookAtReaderLater();
            } else {
                readerIsBehind = false;
                holds--;
                if (mayShow()) {
                    showHeld();
                }
            }
        });
    }

    private void later(long millis, Runnable task) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, watcher.loop())
                .execute(task);
    }

    /** Ends one reason to hold events as soon as it is known who may be watched, or another set was looked up. */
    private void check(int asked) {
        if (asked != sets) {
            release();
            return;
        }
        var _ = contacts.amongInTurn(watcher.user(), Set.copyOf(watches.keySet()))
                .whenCompleteAsync((allowed, failure) -> checked(asked, allowed, failure), watcher.loop());
    }

    private void checked(int asked, @Nullable Set<UserId> allowed, @Nullable Throwable failure) {
        if (asked == sets && allowed != null) {
            checkedAt = System.nanoTime();
            Set<UserId> gone = new HashSet<>(watches.keySet());
            gone.removeAll(allowed);
            gone.forEach(this::giveUp);
        } else if (asked == sets && !contacts.areAsTheyWere()) {
            LOG.debug("not looked up again: {}", String.valueOf(failure));
            later(TRY_AGAIN_MS, () -> check(asked));
            return;
        }
        release();
    }

    void show(Broadcast presence) {
        watcher.show(presence);
    }

    private void giveUp(UserId one) {
        Watch watch = watches.remove(one);
        if (watch != null) {
            users.leave(watch, watcher.loop());
        }
    }

    /** Watches nobody any more. */
    public void close() {
        closed = true;
        sets++;
        Set.copyOf(watches.keySet()).forEach(this::giveUp);
    }
}
