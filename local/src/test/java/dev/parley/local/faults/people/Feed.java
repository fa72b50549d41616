package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Entry.Effect;
import dev.parley.local.faults.check.Place;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one client holds of one chat. A message behind a gap is shown at once, but does not count as held for a resume
 * until the gap is closed: otherwise a connection that breaks in between would ask too high. The same holds for one that
 * names no predecessor. Not thread-safe.
 */
final class Feed {

    private final Map<String, Long> held = new HashMap<>();

    private boolean joined;
    private boolean gap;
    private long floor;
    private long head;

    /** What comes again at another place has moved there. */
    Effect take(String messageId, long seq, @Nullable Long prevSeq) {
        Long before = held.put(messageId, seq);
        if (prevSeq != null && prevSeq > head) {
            gap = true;
        } else if (prevSeq != null && !gap) {
            head = Math.max(head, seq);
        }
        if (before == null) {
            return Effect.NEW;
        }
        return before == seq ? Effect.DUPLICATE : Effect.OTHER_SEQ;
    }

    /** Answers whether something was removed. */
    boolean retract(String messageId, long seq) {
        return held.remove(messageId, seq);
    }

    /** From here on something is missing, until {@link #whole}. */
    void suspend() {
        gap = true;
    }

    /** The server has given all that it has above {@link #head}. */
    void whole(long headSeq) {
        if (!joined) {
            joined = true;
            floor = headSeq;
            head = headSeq;
        }
        gap = false;
        for (long seq : held.values()) {
            head = Math.max(head, seq);
        }
    }

    boolean hasGap() {
        return gap;
    }

    /** Up to where nothing is missing; null before the first join. */
    @Nullable
    Long head() {
        return joined ? head : null;
    }

    long floor() {
        return floor;
    }

    List<Place> places() {
        return held.entrySet().stream()
                .map(one -> new Place(one.getValue(), one.getKey()))
                .sorted()
                .toList();
    }
}
