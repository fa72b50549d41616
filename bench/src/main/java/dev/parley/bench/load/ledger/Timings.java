package dev.parley.bench.load.ledger;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Latencies of what was due within the measured window, in microseconds from when it was due, and what each second of
 * the window was like. A send that the generator itself made late counts as late too; how late it was is kept apart.
 */
public final class Timings {

    private static final int DIGITS = 3;
    private static final long LONGEST_US = 600_000_000;

    /** One second of the window: what was received in it, and the 99th percentile of that. */
    public record Second(int second, long deliveries, double p99Ms) {}

    private final Histogram deliveries = new Histogram(LONGEST_US, DIGITS);
    private final Histogram acknowledgements = new Histogram(LONGEST_US, DIGITS);
    private final Histogram lateness = new Histogram(LONGEST_US, DIGITS);
    private final Histogram second = new Histogram(LONGEST_US, 2);
    private final List<Second> seconds = new ArrayList<>();
    private long begin = Long.MAX_VALUE;
    private long end = Long.MAX_VALUE;
    private long nextSecond;

    void open(long from, long until) {
        begin = from;
        end = until;
        nextSecond = from + 1_000_000_000L;
        deliveries.reset();
        acknowledgements.reset();
        lateness.reset();
        second.reset();
        seconds.clear();
    }

    void delivered(long due, long now) {
        if (isWithin(due)) {
            long micros = micros(now - due);
            deliveries.recordValue(micros);
            tick(now);
            second.recordValue(micros);
        }
    }

    void acknowledged(long due, long now) {
        if (isWithin(due)) {
            acknowledgements.recordValue(micros(now - due));
        }
    }

    void sent(long due, long now) {
        if (isWithin(due)) {
            lateness.recordValue(micros(now - due));
        }
    }

    private boolean isWithin(long due) {
        return due - begin >= 0 && due - end < 0;
    }

    private void tick(long now) {
        while (now - nextSecond >= 0 && nextSecond - end <= 0) {
            endSecond();
        }
    }

    private void endSecond() {
        seconds.add(new Second(seconds.size() + 1, second.getTotalCount(), second.getValueAtPercentile(99) / 1000.0));
        second.reset();
        nextSecond += 1_000_000_000L;
    }

    private static long micros(long nanos) {
        return Math.clamp(nanos / 1000, 0, LONGEST_US);
    }

    public Histogram deliveries() {
        return deliveries;
    }

    public Histogram acknowledgements() {
        return acknowledgements;
    }

    /** By how much the generator itself missed the time at which a message was due. */
    public Histogram lateness() {
        return lateness;
    }

    /** The seconds of the window; to be asked for when it is over. */
    public List<Second> seconds() {
        if (second.getTotalCount() > 0 && nextSecond - end <= 0) {
            endSecond();
        }
        return seconds;
    }
}
