package dev.parley.tier.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.parley.redis.TokenBuckets;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits that hold over all instances: the tokens of a bucket live in Redis and are leased from there in small batches,
 * so that most requests cost no round trip and none is ever spent twice. With Redis away each instance has buckets of its
 * own. Thread-safe.
 */
@Singleton
public final class RateLimits {

    private static final Logger LOG = LoggerFactory.getLogger(RateLimits.class);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final CompletionStage<Decision> ALLOWED = CompletableFuture.completedStage(new Decision(true, 0));

    /** What is limited; the name is part of the key in Redis. */
    public enum Limit {
        MESSAGES_PER_USER(5),
        MESSAGES_PER_CHAT(5),
        TYPING_PER_USER(10),
        LOGINS_PER_NAME(1),
        LOGINS_PER_ADDRESS(1),
        REGISTRATIONS_PER_ADDRESS(1),
        SEARCHES_PER_USER(1),
        CHATS_CREATED_PER_USER(1),
        CONNECTS_PER_USER(1);

        private final int batch;

        Limit(int batch) {
            this.batch = batch;
        }
    }

    /**
     * Whether it may be done.
     *
     * @param retryAfterMs when it may be tried again; 0 where it is allowed
     */
    public record Decision(boolean allowed, long retryAfterMs) {}

    private record Key(Limit limit, String subject) {}

    /** Tokens in hand. Guarded by itself. */
    private static final class Purse {
        private int tokens;
        private long emptyUntil = System.nanoTime();
        private @Nullable Bucket local;

        synchronized boolean take() {
            if (tokens == 0) {
                return false;
            }
            tokens--;
            return true;
        }

        synchronized void add(int leased) {
            tokens += leased;
        }

        synchronized void isEmptyFor(long millis) {
            emptyUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        }

        /** The bucket for the time without Redis. */
        synchronized Bucket local(int capacity) {
            Bucket bucket = local;
            if (bucket == null) {
                bucket = new Bucket(capacity, WINDOW, System.nanoTime());
                local = bucket;
            }
            return bucket;
        }

        /** How long Redis has said that there is nothing to be had; 0 where it should be asked. */
        synchronized long emptyForMillis() {
            return Math.max(0, TimeUnit.NANOSECONDS.toMillis(emptyUntil - System.nanoTime()));
        }
    }

    private final LimitSettings settings;
    private final TokenBuckets buckets;
    private final Cache<Key, Purse> purses =
            Caffeine.newBuilder().maximumSize(100_000).expireAfterAccess(WINDOW).build();

    RateLimits(LimitSettings settings, TokenBuckets buckets) {
        this.settings = settings;
        this.buckets = buckets;
    }

    /** Takes one token of the subject's bucket. */
    public CompletionStage<Decision> take(Limit limit, String subject) {
        if (!settings.enabled()) {
            return ALLOWED;
        }
        Purse purse = purses.get(new Key(limit, subject), key -> new Purse());
        if (purse.take()) {
            return ALLOWED;
        }
        long emptyFor = purse.emptyForMillis();
        if (emptyFor > 0) {
            // Who asks too often costs no round trip either.
            return CompletableFuture.completedStage(new Decision(false, emptyFor));
        }
        return buckets.lease(
                        limit.name().toLowerCase(java.util.Locale.ROOT), subject, capacity(limit), WINDOW, limit.batch)
                .thenApply(lease -> {
                    if (lease.granted() == 0) {
                        long retryAfter = Math.max(1, lease.retryAfterMs());
                        purse.isEmptyFor(retryAfter);
                        return new Decision(false, retryAfter);
                    }
                    purse.add(lease.granted() - 1);
                    return new Decision(true, 0);
                })
                .exceptionally(redisAway -> {
                    LOG.debug("limit {} by this instance alone: {}", limit, redisAway.toString());
                    return takeHere(purse.local(capacity(limit)));
                });
    }

    private static Decision takeHere(Bucket bucket) {
        long wait = bucket.take(System.nanoTime());
        return new Decision(wait == 0, wait == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(wait) + 1);
    }

    private int capacity(Limit limit) {
        return switch (limit) {
            case MESSAGES_PER_USER -> settings.messagesPerUser();
            case MESSAGES_PER_CHAT -> settings.messagesPerChat();
            case TYPING_PER_USER -> settings.typingPerUser();
            case LOGINS_PER_NAME -> settings.loginsPerName();
            case LOGINS_PER_ADDRESS -> settings.loginsPerAddress();
            case REGISTRATIONS_PER_ADDRESS -> settings.registrationsPerAddress();
            case SEARCHES_PER_USER -> settings.searchesPerUser();
            case CHATS_CREATED_PER_USER -> settings.chatsCreatedPerUser();
            case CONNECTS_PER_USER -> settings.connectsPerUser();
        };
    }
}
