package dev.parley.local.faults.check;

import java.util.ArrayList;
import java.util.List;

/** The record of one round, in the order in which things were noticed. Thread-safe; as large as the round is long. */
public final class Ledger {

    private final long start = System.nanoTime();
    private final List<Entry> entries = new ArrayList<>();

    /** Now, in nanoseconds since the round began. */
    public long now() {
        return System.nanoTime() - start;
    }

    public synchronized void add(Entry entry) {
        entries.add(entry);
    }

    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
