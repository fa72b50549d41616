package dev.parley.tier.room;

import dev.parley.id.MessageId;
import dev.parley.wire.RoomEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Deliveries deliveries;
    private @Nullable Deque<Broadcast> held;
    private boolean overflown;
    private long inOrderUpTo;
    int index;

    /** Whatever was delivered with this number or a higher one, the member was given. */
    private long since;

    Seat(Member member, String channel, Deliveries deliveries) {
        this.member = member;
        this.channel = channel;
        this.deliveries = deliveries;
    }

    /** What was delivered before may not have reached the member. */
    void beginAnew() {
        since = deliveries.next();
    }

    Member member() {
        return member;
    }

    public String channel() {
        return channel;
    }

    void deliver(Broadcast broadcast) {
        if (broadcast.wasDeliveredSince(since)) {
            return;
        }
        if (held == null) {
            passOrLeave(broadcast);
        } else if (held.size() < MAX_HELD) {
            held.add(broadcast);
        } else {
            overflown = true;
        }
    }

    /** What comes before in the order is left to the history that the member was given, or reads. */
    private void passOrLeave(Broadcast broadcast) {
        RoomEvent event = broadcast.event();
        if (event.seq() != 0 && event.inOrder()) {
            if (event.seq() <= inOrderUpTo) {
                beginAnew();
                return;
            }
            inOrderUpTo = event.seq();
        }
        member.show(broadcast);
    }

    /** Up to which seq the member has been given what came in order; 0 where nothing has. */
    long inOrderUpTo() {
        return inOrderUpTo;
    }

    /** Holds live events from now on. */
    public void hold() {
        if (held == null) {
            held = new ArrayDeque<>();
            overflown = false;
        }
    }

    /** Lets live events through again, with what was held; false as below. */
    public boolean release() {
        return release(List.of(), 0);
    }

    /**
     * Gives the member what it missed, then what was held of which it has nothing yet, then lets live events through
     * again.
     *
     * @param missed given as it is
     * @param upTo up to which seq the member need not be given what Redis has published, because it was, or reads it from
     *     the history. Should that have missed something, it is announced once it is stored, and then this seat is given
     *     it although the rest of the room was before
     * @return false where too much came in the meantime: then nothing of it was given, and the client must load anew
     */
    public boolean release(List<Broadcast> missed, long upTo) {
        Deque<Broadcast> waiting = held == null ? new ArrayDeque<>() : held;
        held = null;
        if (overflown) {
            overflown = false;
            beginAnew();
            Broadcast newest = waiting.peekLast();
            inOrderUpTo = newest == null
                    ? inOrderUpTo
                    : Math.max(inOrderUpTo, newest.event().seq());
            return false;
        }
        Map<MessageId, Long> given = new HashMap<>();
        for (Broadcast broadcast : missed) {
            RoomEvent event = broadcast.event();
            if (!waiting.isEmpty() && event.isMessage()) {
                event.messageId().ifPresent(id -> given.put(id, event.seq()));
            }
            member.show(broadcast);
        }
        inOrderUpTo = Math.max(inOrderUpTo, upTo);
        for (Broadcast broadcast : waiting) {
            RoomEvent event = broadcast.event();
            // At another place it is not the same: it was moved while the history was read.
            boolean again = event.isMessage()
                    && event.messageId()
                            .filter(id -> Objects.equals(given.get(id), event.seq()))
                            .isPresent();
            if (!again) {
                passOrLeave(broadcast);
            }
        }
        return true;
    }
}
