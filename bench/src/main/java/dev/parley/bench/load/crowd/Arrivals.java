package dev.parley.bench.load.crowd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** How a number of clients got in: counted from when each was due. Written by the event loop, read when it is over. */
public final class Arrivals {

    private static final long LONGEST_US = 3_600_000_000L;

    private final long start;
    private final int expected;
    private final CompletableFuture<Void> all = new CompletableFuture<>();
    private final Histogram waits = new Histogram(LONGEST_US, 3);
    private final Histogram waitsOfRefused = new Histogram(LONGEST_US, 3);
    private final List<Double> seconds = new ArrayList<>();
    private long refusals;
    private boolean over;

    Arrivals(long start, int expected) {
        this.start = start;
        this.expected = expected;
        if (expected == 0) {
            all.complete(null);
        }
    }

    long start() {
        return start;
    }

    void follow(CompletableFuture<Void> pacing) {
        var _ = pacing.whenComplete((done, failure) -> {
            if (failure != null) {
                all.completeExceptionally(failure);
            }
        });
    }

    void arrived(long due, long now, boolean wasRefused) {
        if (over) {
            return;
        }
        long micros = Math.clamp((now - due) / 1000, 0, LONGEST_US);
        waits.recordValue(micros);
        if (wasRefused) {
            waitsOfRefused.recordValue(micros);
        }
        seconds.add((now - start) / 1e9);
        if (seconds.size() == expected) {
            over = true;
            all.complete(null);
        }
    }

    void turnedAway() {
        refusals++;
    }

    /** Returns when everybody is in; false where that takes longer than {@code atMost}. */
    public boolean await(Duration atMost) throws Exception {
        try {
            all.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** From when each was due until it was in. */
    public Histogram waits() {
        return waits;
    }

    /** The same, of those who were turned away first. */
    public Histogram waitsOfRefused() {
        return waitsOfRefused;
    }

    /** When each got in, in seconds since the first was due, rising. */
    public List<Double> seconds() {
        return seconds;
    }

    /** How often somebody was turned away. */
    public long refusals() {
        return refusals;
    }
}
