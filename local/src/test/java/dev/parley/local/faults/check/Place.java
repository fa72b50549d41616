package dev.parley.local.faults.check;

import java.util.Comparator;

/** Where a message stands in its chat: by seq, ties by id. */
public record Place(long seq, String messageId) implements Comparable<Place> {

    private static final Comparator<Place> ORDER =
            Comparator.comparingLong(Place::seq).thenComparing(Place::messageId);

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }
}
