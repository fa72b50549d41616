package dev.parley.local.faults.people;

import dev.parley.local.faults.check.Entry.Effect;
import dev.parley.local.faults.check.Place;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one client holds of one chat, by the rules of parley.js: a message behind a gap is shown at once, but a resume
 * begins before the gap until the server was asked for what is in it; and it begins before one that names no predecessor.
 * Not thread-safe.
 */
final class Feed {

    /** Something is missing above {@code from} and up to {@code to}. */
    private record Gap(long from, long to) {

        static @Nullable Gap of(long from, long to) {
            return from < to ? new Gap(from, to) : null;
        }

        static @Nullable Gap join(@Nullable Gap a, @Nullable Gap b) {
            if (a == null || b == null) {
                return a == null ? b : a;
            }
            return new Gap(Math.min(a.from, b.from), Math.max(a.to, b.to));
        }

        static @Nullable Gap above(@Nullable Gap gap, long seq) {
            return gap == null ? null : of(Math.max(gap.from, seq), gap.to);
        }

        /** What is left of it after a late message, which closes it from one of its ends. */
        static @Nullable Gap without(@Nullable Gap gap, long seq, @Nullable Long prevSeq) {
            if (gap == null || prevSeq == null || seq <= gap.from || seq > gap.to) {
                return gap;
            }
            if (prevSeq <= gap.from) {
                return of(seq, gap.to);
            }
            return seq == gap.to ? of(gap.from, prevSeq) : gap;
        }
    }

    private final Map<String, Long> held = new HashMap<>();

    /** Where messages were before they came at another place: one of these may turn out to be the right one. */
    private final Map<String, Deque<Long>> before = new HashMap<>();

    private boolean joined;
    private long floor;
    private long highest;

    /** What is missing and not asked for, and what was asked for. */
    private @Nullable Gap open;

    private @Nullable Gap asked;

    /** Above its lower end came only messages that name no predecessor. */
    private @Nullable Gap loose;

    /** What comes again at another place has moved there, unless it is taken back there. */
    Effect take(String messageId, long seq, @Nullable Long prevSeq) {
        Long was = held.put(messageId, seq);
        place(seq, prevSeq);
        if (was == null) {
            return Effect.NEW;
        }
        if (was == seq) {
            return Effect.DUPLICATE;
        }
        Deque<Long> earlier = before.computeIfAbsent(messageId, id -> new ArrayDeque<>());
        earlier.remove(was);
        earlier.addLast(was);
        return Effect.OTHER_SEQ;
    }

    private void place(long seq, @Nullable Long prevSeq) {
        if (!joined) {
            highest = Math.max(highest, seq);
        } else if (seq > highest) {
            long before = highest;
            highest = seq;
            if (prevSeq == null && before != 0) {
                loose = Gap.join(loose, new Gap(before, seq));
            } else {
                long from = loose == null ? before : loose.from;
                long previous = prevSeq == null ? 0 : prevSeq;
                if (previous > from) {
                    open = Gap.join(open, new Gap(from, Math.max(previous, before)));
                }
                loose = null;
            }
        } else {
            open = Gap.without(open, seq, prevSeq);
            asked = Gap.without(asked, seq, prevSeq);
            loose = Gap.without(loose, seq, prevSeq);
        }
    }

    /** Answers whether something was removed. */
    boolean retract(String messageId, long seq) {
        Deque<Long> earlier = before.getOrDefault(messageId, new ArrayDeque<>());
        earlier.remove(seq);
        if (!held.remove(messageId, seq)) {
            return false;
        }
        if (!earlier.isEmpty()) {
            held.put(messageId, earlier.removeLast());
        }
        return true;
    }

    /** The server is being asked for everything above {@link #head}. */
    void ask() {
        asked = Gap.join(Gap.join(asked, open), loose);
        open = null;
        loose = null;
    }

    /** The server has given all that it had above what was named; what came up since is still open. */
    void answered(long headSeq) {
        if (!joined) {
            joined = true;
            floor = headSeq;
            highest = Math.max(highest, headSeq);
        }
        asked = null;
    }

    /** There was no answer, or it was not everything: it is as if nobody had asked. */
    void unanswered() {
        open = Gap.join(asked, open);
        asked = null;
    }

    /** Everything up to there was read from the history. */
    void skipTo(long seq) {
        highest = Math.max(highest, seq);
        open = Gap.above(open, seq);
        asked = Gap.above(asked, seq);
        loose = Gap.above(loose, seq);
    }

    /** The history has to be read from {@link #head} on: until then a resume begins there. */
    void suspend(long headSeq) {
        Long head = head();
        highest = Math.max(highest, headSeq);
        open = Gap.join(open, Gap.of(head == null ? 0 : head, highest));
    }

    /** Something is missing that nobody has asked for. */
    boolean hasGap() {
        return open != null;
    }

    /** Nothing is missing that is known of. */
    boolean isWhole() {
        return joined && open == null && asked == null;
    }

    /** Up to where nothing is missing; null before the first join. */
    @Nullable
    Long head() {
        if (!joined) {
            return null;
        }
        Gap first = asked != null ? asked : open != null ? open : loose;
        return first == null ? Long.valueOf(highest) : Long.valueOf(first.from);
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
