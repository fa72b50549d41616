package dev.parley.bench.load.ledger;

import dev.parley.bench.load.wire.Scan;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Changes of status and who was told of them. Each change carries its number in the message beside the status, so that
 * what every watcher is told can be counted, and timed from when the change was due. Belongs to the event loop.
 */
public final class Changes {

    private static final byte[] NUMBER = Scan.ascii("\"message\":\"change-");
    private static final long LONGEST_US = 600_000_000;

    private final Histogram latencies = new Histogram(LONGEST_US, 3);
    private final List<Long> due = new ArrayList<>();
    private final List<Integer> told = new ArrayList<>();
    private int measuredFrom;
    private long strays;

    /** A change that is due now; answers what {@code set-presence} is sent with. */
    public String next(long dueAt) {
        int number = due.size();
        due.add(dueAt);
        told.add(0);
        return "{\"status\":\"" + (number % 2 == 0 ? "away" : "busy") + "\",\"message\":\"change-" + number + "\"}";
    }

    /** Somebody was told of one. */
    public void told(byte[] frame, int from, int length, long now) {
        int at = Scan.find(frame, from, length, NUMBER);
        long number = at < 0 ? -1 : Scan.number(frame, at + NUMBER.length, length);
        if (number < 0 || number >= due.size()) {
            strays++;
            return;
        }
        int change = (int) number;
        told.set(change, told.get(change) + 1);
        if (change >= measuredFrom) {
            latencies.recordValue(Math.clamp((now - due.get(change)) / 1000, 0, LONGEST_US));
        }
    }

    /** From the next change on, latencies are recorded. */
    public void measure() {
        measuredFrom = due.size();
    }

    /** How many changes are measured. */
    public int measured() {
        return due.size() - measuredFrom;
    }

    /** How often somebody was told of one of them. */
    public long events() {
        return told.subList(measuredFrom, told.size()).stream()
                .mapToLong(Integer::longValue)
                .sum();
    }

    /** How many events there were too few, where each change has so many watchers. */
    public long missing(int watchers) {
        return told.subList(measuredFrom, told.size()).stream()
                .mapToLong(count -> Math.max(0, watchers - count))
                .sum();
    }

    /** And how many too many. */
    public long surplus(int watchers) {
        return told.subList(measuredFrom, told.size()).stream()
                .mapToLong(count -> Math.max(0, count - watchers))
                .sum();
    }

    /** Events that tell of no change of this run. */
    public long strays() {
        return strays;
    }

    public Histogram latencies() {
        return latencies;
    }
}
