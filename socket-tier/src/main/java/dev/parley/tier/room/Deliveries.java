package dev.parley.tier.room;

import dev.parley.id.MessageId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which messages this instance has delivered lately, and at which place; so that one that comes a second time, by another
 * way or after a server was away, is given only to members who came in between, and one that comes at another place to
 * all. Bounded: what is forgotten is delivered again, and clients drop what they hold. Thread-safe.
 */
final class Deliveries {

    private static final int REMEMBERED = 50_000;

    /**
     * A delivery.
     *
     * @param number rising, in the order of the first deliveries
     */
    record Delivery(long number, long seq) {}

    private final Map<MessageId, Delivery> latest = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MessageId, Delivery> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long next;

    /** Notes a delivery; answers an earlier one of the same message. One at another place begins anew. */
    synchronized Optional<Delivery> note(MessageId message, long seq) {
        Delivery earlier = latest.get(message);
        if (earlier == null || earlier.seq() != seq) {
            latest.put(message, new Delivery(next, seq));
            next++;
        }
        return Optional.ofNullable(earlier);
    }

    /** At which seq it was delivered last; empty where it was not, or not lately. */
    synchronized OptionalLong placeOf(MessageId message) {
        Delivery delivered = latest.get(message);
        return delivered == null ? OptionalLong.empty() : OptionalLong.of(delivered.seq());
    }

    /** It was taken back at this place: should it come again, that is the first time. */
    synchronized void forget(MessageId message, long seq) {
        Delivery delivered = latest.get(message);
        if (delivered != null && delivered.seq() == seq) {
            latest.remove(message);
        }
    }

    /** The number of the next delivery. */
    synchronized long next() {
        return next;
    }
}
