package dev.parley.bench.load.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Who is in which chat. */
final class Chats {

    private Chats() {}

    /** Chats of {@code size} members, one after the other; who is left over is in none. */
    static List<int[]> of(int size, int clients) {
        List<int[]> chats = new ArrayList<>();
        for (int first = 0; first + size <= clients; first += size) {
            chats.add(IntStream.range(first, first + size).toArray());
        }
        if (chats.isEmpty()) {
            throw new IllegalArgumentException("too few --connections for a chat of " + size);
        }
        return chats;
    }

    /** The same, but with members from all over, so that they are not those of the chats of another size. */
    static List<int[]> spread(int size, int clients) {
        int number = clients / size;
        List<int[]> chats = new ArrayList<>();
        for (int chat = 0; chat < number; chat++) {
            int first = chat;
            chats.add(IntStream.range(0, size).map(i -> first + i * number).toArray());
        }
        return chats;
    }
}
