package dev.parley.tier.limit;

import java.time.Duration;

/**
 * A token bucket of this instance alone, which refills steadily; by the same rule as the one that all instances share.
 * Thread-safe.
 */
final class Bucket {

    private final int capacity;
    private final double nanosPerToken;
    private double tokens;
    private long at;

    /**
     * A full one.
     *
     * @param capacity at least 1
     * @param window in which an empty bucket fills up
     * @param now as {@link System#nanoTime}
     */
    Bucket(int capacity, Duration window, long now) {
        this.capacity = capacity;
        this.nanosPerToken = (double) window.toNanos() / capacity;
        this.tokens = capacity;
        this.at = now;
    }

    /** Takes a token; answers 0, or where there is none the nanoseconds until there is one. */
    synchronized long take(long now) {
        tokens = Math.min(capacity, tokens + Math.max(0, now - at) / nanosPerToken);
        at = now;
        if (tokens >= 1) {
            tokens--;
            return 0;
        }
        return (long) Math.ceil((1 - tokens) * nanosPerToken);
    }
}
