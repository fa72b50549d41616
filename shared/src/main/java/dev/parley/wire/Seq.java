package dev.parley.wire;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A seq is a time: microseconds since 1970, made strictly rising within a chat. */
public final class Seq {

    private Seq() {}

    /** The seq of a moment. */
    public static long at(Instant moment) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    }

    /** {@code seq}, so much earlier; never below 0. */
    public static long before(long seq, Duration duration) {
        return Math.max(0, seq - duration.toNanos() / 1_000);
    }
}
