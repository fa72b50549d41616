package dev.parley.redis;

import static dev.parley.redis.Script.arg;

import dev.parley.keys.RedisKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Token buckets that all instances share. Thread-safe. */
@Singleton
public final class TokenBuckets {

    private final Script lease;
    private final Script giveBack;

    TokenBuckets(RedisLink redis) {
        this.lease = new Script(redis, "lease");
        this.giveBack = new Script(redis, "giveback");
    }

    /**
     * Tokens taken from a bucket.
     *
     * @param granted how many; 0 where the bucket is empty
     * @param retryAfterMs until there is another one; 0 where there are more
     */
    public record Lease(int granted, long retryAfterMs) {}

    /**
     * Takes up to {@code wanted} tokens; fewer as the bucket runs short.
     *
     * @param capacity most tokens that the bucket holds
     * @param window in which an empty bucket fills up, steadily
     * @param price what one costs, at least 1; above 1 the bucket serves for less
     */
    public CompletionStage<Lease> lease(
            String name, String subject, int capacity, Duration window, int wanted, double price) {
        return lease.list(
                        new String[] {RedisKeys.rateLimit(name, subject)},
                        arg(capacity),
                        arg(window.toMillis()),
                        arg(wanted),
                        arg(Double.toString(price)))
                .thenApply(reply -> new Lease(((Long) reply.get(0)).intValue(), (Long) reply.get(1)));
    }

    /** Gives unused tokens back; those that do not arrive are lost, never doubled. */
    public CompletionStage<?> giveBack(String name, String subject, int capacity, double tokens) {
        return giveBack.integer(
                new String[] {RedisKeys.rateLimit(name, subject)}, arg(capacity), arg(Double.toString(tokens)));
    }
}
