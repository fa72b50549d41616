package dev.parley.tier.limit;

import dev.parley.redis.TokenBuckets.Lease;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one bucket that this instance has in hand. Only one lease of a bucket is under way at a time; whoever needs
 * a token meanwhile waits for it. Thread-safe.
 */
final class Purse {

    /** How long tokens are kept that nobody has used, and an empty bucket is not asked again. */
    static final Duration HOLD = Duration.ofSeconds(1);

    private static final long HOLD_NANOS = HOLD.toNanos();

    /** What there is for somebody who needs a token. */
    sealed interface Answer {
        record Token() implements Answer {}

        record Empty(long millis) implements Answer {}

        /**
         * A lease is under way.
         *
         * @param wanted how many tokens the caller has to ask for; 0 where somebody else has asked already
         */
        record Coming(CompletableFuture<Lease> lease, int wanted) implements Answer {}
    }

    private static final Answer TOKEN = new Answer.Token();

    private final int mostAtOnce;
    private int tokens;
    private int batch;
    private long leasedAt;
    private long emptyUntil;
    private long emptyAskAgain;
    private @Nullable CompletableFuture<Lease> leasing;
    private @Nullable Bucket local;

    Purse(int mostAtOnce, long now) {
        this.mostAtOnce = mostAtOnce;
        this.leasedAt = now - HOLD_NANOS;
        this.emptyUntil = now;
        this.emptyAskAgain = now;
    }

    synchronized Answer take(long now) {
        if (tokens > 0) {
            tokens--;
            return TOKEN;
        }
        if (emptyAskAgain - now > 0) {
            // Who asks too often costs no round trip.
            return new Answer.Empty(Math.max(1, TimeUnit.NANOSECONDS.toMillis(emptyUntil - now)));
        }
        CompletableFuture<Lease> underWay = leasing;
        if (underWay != null) {
            return new Answer.Coming(underWay, 0);
        }
        // One by one where they are needed now and then; more at once where the last ones were used up quickly.
        batch = now - leasedAt < HOLD_NANOS ? Math.min(mostAtOnce, Math.max(1, batch) * 2) : 1;
        leasedAt = now;
        underWay = new CompletableFuture<>();
        leasing = underWay;
        return new Answer.Coming(underWay, batch);
    }

    /** The lease that was asked for has come; to be called before anybody who waits for it goes on. */
    synchronized void leased(Lease lease, long now) {
        leasing = null;
        tokens += lease.granted();
        if (lease.granted() == 0) {
            long empty = TimeUnit.MILLISECONDS.toNanos(Math.max(1, lease.retryAfterMs()));
            emptyUntil = now + empty;
            // Tokens that another instance gives back may be had earlier.
            emptyAskAgain = now + Math.min(empty, HOLD_NANOS);
        }
    }

    /** The lease has failed. */
    synchronized void notLeased() {
        leasing = null;
    }

    synchronized void putBack() {
        tokens++;
    }

    /** Everything in it. */
    synchronized int takeAll() {
        int all = tokens;
        tokens = 0;
        return all;
    }

    /** The bucket for the time without Redis. */
    synchronized Bucket local(int capacity, Duration window, long now) {
        Bucket bucket = local;
        if (bucket == null) {
            bucket = new Bucket(capacity, window, now);
            local = bucket;
        }
        return bucket;
    }
}
