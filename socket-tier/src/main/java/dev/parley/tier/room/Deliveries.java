package dev.parley.tier.room;

import dev.parley.id.MessageId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Which messages this instance has delivered lately, so that one that comes a second time, by another way or after a
 * server was away, is given only to members who came in between. Bounded: what is forgotten is delivered again, and
 * clients drop what they hold. Thread-safe.
 */
final class Deliveries {

    private static final int REMEMBERED = 50_000;

    private final Map<MessageId, Long> numbers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MessageId, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long next;

    /** Notes a delivery; answers the number of an earlier one of the same message. */
    synchronized OptionalLong note(MessageId message) {
        Long earlier = numbers.putIfAbsent(message, next);
        if (earlier == null) {
            next++;
            return OptionalLong.empty();
        }
        return OptionalLong.of(earlier);
    }

    /** It was taken back: should it come again, that is the first time. */
    synchronized void forget(MessageId message) {
        numbers.remove(message);
    }

    /** The number of the next delivery. */
    synchronized long next() {
        return next;
    }
}
