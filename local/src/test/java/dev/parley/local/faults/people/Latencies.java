package dev.parley.local.faults.people;

import java.util.Arrays;

/** How long acknowledgements took, from the wish to send on. Thread-safe. */
public final class Latencies {

    private long[] nanos = new long[1024];
    private int size;

    synchronized void add(long value) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = value;
    }

    /** In milliseconds; 0 where there are none. */
    public synchronized double percentileMs(double percentile) {
        if (size == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        int index = (int) Math.min(size - 1L, Math.round(Math.ceil(percentile / 100 * size)) - 1);
        return sorted[Math.max(0, index)] / 1e6;
    }
}
