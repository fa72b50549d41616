package dev.parley.tier.room;

import dev.parley.wire.RoomEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member's place in a room. Events go straight through, or are held while the member is given what it missed; so that
 * behind the last missed message the live feed goes on without a gap and without a repetition. Belongs to the member's
 * loop.
 */
public final class Seat {

    /** Events held at most; when there are more, catching up has failed and the client is told to resync. */
    private static final int MAX_HELD = 10_000;

    private final Member member;
    private final String channel;
    private final CompletionStage<Void> subscribed;
    private @Nullable Deque<Broadcast> held;
    private boolean overflown;
    private long lastSeq;
    int index;

    Seat(Member member, String channel, CompletionStage<Void> subscribed) {
        this.member = member;
        this.channel = channel;
        this.subscribed = subscribed;
    }

    Member member() {
        return member;
    }

    public String channel() {
        return channel;
    }

    /** Completes when everything that is published from then on reaches this seat; fails where that can't be had. */
    public CompletionStage<Void> subscribed() {
        return subscribed;
    }

    void deliver(Broadcast broadcast) {
        if (held == null) {
            pass(broadcast);
        } else if (held.size() < MAX_HELD) {
            held.add(broadcast);
        } else {
            overflown = true;
        }
    }

    private void pass(Broadcast broadcast) {
        RoomEvent event = broadcast.event();
        if (event.seq() != 0) {
            if (event.seq() <= lastSeq) {
                return;
            }
            lastSeq = event.seq();
        }
        member.show(broadcast);
    }

    /** Holds live events from now on. */
    public void hold() {
        if (held == null) {
            held = new ArrayDeque<>();
            overflown = false;
        }
    }

    /** Up to which seq the member has everything. */
    public long lastSeq() {
        return lastSeq;
    }

    /**
     * Gives the member what it missed, then what was held, then lets live events through again.
     *
     * @param missed in order
     * @param heldSince up to which seq the member has everything even without {@code missed}
     * @return false where too much came in the meantime: then nothing of it was given, and the client must load anew
     */
    public boolean release(Iterable<Broadcast> missed, long heldSince) {
        Deque<Broadcast> waiting = held == null ? new ArrayDeque<>() : held;
        held = null;
        if (overflown) {
            overflown = false;
            Broadcast newest = waiting.peekLast();
            lastSeq =
                    newest == null ? lastSeq : Math.max(lastSeq, newest.event().seq());
            return false;
        }
        lastSeq = heldSince;
        Consumer<Broadcast> pass = this::pass;
        missed.forEach(pass);
        waiting.forEach(pass);
        return true;
    }
}
