package dev.parley.local.faults.check;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a round left behind.
 *
 * @param log what the clients saw
 * @param stored what each chat's history holds in the end, in any order
 * @param pages the newest part of each chat's history as it was read over REST, in the order in which it was read; one
 *     list per chat and instance
 * @param held what each client shows of each chat in the end
 * @param unanswered sends that were neither acknowledged nor refused for good
 * @param divided when not all instances reached the same Redis with the same memory
 */
public record Evidence(
        List<Entry> log,
        Map<String, List<Stored>> stored,
        List<Page> pages,
        List<Held> held,
        List<Entry.Sent> unanswered,
        List<Span> divided) {

    /** Part of the round, in nanoseconds of its clock. */
    public record Span(long from, long to) {

        boolean overlaps(long otherFrom, long otherTo) {
            return from <= otherTo && otherFrom <= to;
        }
    }

    /** A message of the history. */
    public record Stored(Place place, String sender, String key, String content) {}

    /** The newest part of a chat's history, read from one instance; null where it could not be read. */
    public record Page(String tier, String chat, @Nullable List<Place> places) {}

    /**
     * What a client shows of a chat.
     *
     * @param floor the seq behind which its first join began
     */
    public record Held(String user, String chat, long floor, List<Place> places) {}
}
