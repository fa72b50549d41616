package dev.parley.tier.limit;

import com.github.benmanes.caffeine.cache.Cache;
import dev.parley.redis.TokenBuckets;
import dev.parley.tier.Caches;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits that hold over all instances: the tokens of a bucket live in Redis. Where many are needed they are leased in small
 * batches, so that most requests cost no round trip; what is not used within a second is given back. So none is ever
 * spent twice, and all of them can be spent, wherever they are asked for. Under load a token of the limits that are
 * adaptive costs more than one. With Redis away each instance has buckets of its own. Thread-safe.
 */
@Singleton
public final class RateLimits {

    private static final Logger LOG = LoggerFactory.getLogger(RateLimits.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long LAST_WORD_MS = 1_000;
    private static final CompletionStage<Decision> ALLOWED = CompletableFuture.completedStage(new Decision(true, 0));

    /** What is limited; the name is part of the key in Redis. */
    public enum Limit {
        MESSAGES_PER_USER(5, true),
        MESSAGES_PER_CHAT(5, true),
        MESSAGES_OVER_ALL(100, true),
        TYPING_PER_USER(10, true),
        LOGINS_PER_NAME(1, false),
        LOGINS_PER_ADDRESS(1, false),
        REGISTRATIONS_PER_ADDRESS(1, false),
        SEARCHES_PER_USER(1, true),
        CHATS_CREATED_PER_USER(1, false),
        CONNECTS_PER_USER(1, false),
        PRESENCE_CHANGES_PER_USER(1, false),
        PRESENCE_QUESTIONS_PER_USER(1, false);

        private final int mostAtOnce;
        private final boolean adaptive;

        /**
         * A limit.
         *
         * @param mostAtOnce tokens in a lease
         * @param adaptive whether it is tightened under load
         */
        Limit(int mostAtOnce, boolean adaptive) {
            this.mostAtOnce = mostAtOnce;
            this.adaptive = adaptive;
        }
    }

    /**
     * Whether it may be done.
     *
     * @param retryAfterMs when it may be tried again; 0 where it is allowed
     */
    public record Decision(boolean allowed, long retryAfterMs) {}

    /** A bucket: whose or which. */
    public record Subject(Limit limit, String name) {

        /** Everybody together. */
        public static Subject all(Limit limit) {
            return new Subject(limit, "all");
        }
    }

    private record InHand(Subject subject, Purse purse, long since) {}

    private final LimitSettings settings;
    private final TokenBuckets buckets;
    private final DoubleSupplier factor;
    private final Duration window;
    private final Cache<Subject, Purse> purses;
    /** Purses that may hold tokens which nobody uses; in the order of time. */
    private final Queue<InHand> inHand = new ConcurrentLinkedQueue<>();

    @Inject
    RateLimits(LimitSettings settings, TokenBuckets buckets, Load load) {
        this(settings, buckets, load::factor, MINUTE);
    }

    RateLimits(LimitSettings settings, TokenBuckets buckets, DoubleSupplier factor, Duration window) {
        this.settings = settings;
        this.buckets = buckets;
        this.factor = factor;
        this.window = window;
        this.purses = Caches.newBuilder()
                .maximumSize(100_000)
                .expireAfterAccess(window)
                .build();
    }

    /** Takes one token of the subject's bucket. */
    public CompletionStage<Decision> take(Limit limit, String subject) {
        return take(new Subject(limit, subject));
    }

    /** Takes one token of each bucket, or of none. */
    public CompletionStage<Decision> takeEach(Subject... subjects) {
        return takeEach(List.of(subjects), 0);
    }

    private CompletionStage<Decision> takeEach(List<Subject> subjects, int taken) {
        if (taken == subjects.size()) {
            return ALLOWED;
        }
        return take(subjects.get(taken)).thenCompose(decision -> {
            if (decision.allowed()) {
                return takeEach(subjects, taken + 1);
            }
            subjects.subList(0, taken).forEach(this::putBack);
            return CompletableFuture.completedStage(decision);
        });
    }

    private void putBack(Subject subject) {
        if (settings.enabled()) {
            Purse purse = purse(subject);
            purse.putBack();
            inHand.add(new InHand(subject, purse, System.nanoTime()));
        }
    }

    private CompletionStage<Decision> take(Subject subject) {
        return settings.enabled() ? take(subject, purse(subject)) : ALLOWED;
    }

    private Purse purse(Subject subject) {
        return purses.get(subject, key -> new Purse(key.limit().mostAtOnce, System.nanoTime()));
    }

    /** Ends, because each lease brings a token to one of those who wait, or an answer to all of them. */
    private CompletionStage<Decision> take(Subject subject, Purse purse) {
        return switch (purse.take(System.nanoTime())) {
            case Purse.Answer.Token token -> ALLOWED;
            case Purse.Answer.Empty empty -> CompletableFuture.completedStage(new Decision(false, empty.millis()));
            case Purse.Answer.Coming coming -> {
                CompletionStage<Decision> decision = coming.lease()
                        .handle((lease, failure) ->
                                failure == null ? take(subject, purse) : takeHere(subject, purse, failure))
                        .thenCompose(taken -> taken);
                if (coming.wanted() > 0) {
                    lease(subject, purse, coming);
                }
                yield decision;
            }
        };
    }

    private void lease(Subject subject, Purse purse, Purse.Answer.Coming coming) {
        var _ = buckets.lease(
                        name(subject),
                        subject.name(),
                        capacity(subject.limit()),
                        window,
                        coming.wanted(),
                        price(subject.limit()))
                .whenComplete((lease, failure) -> {
                    if (lease == null) {
                        purse.notLeased();
                        coming.lease().completeExceptionally(failure);
                        return;
                    }
                    long now = System.nanoTime();
                    purse.leased(lease, now);
                    if (lease.granted() > 1) {
                        inHand.add(new InHand(subject, purse, now));
                    }
                    coming.lease().complete(lease);
                });
    }

    private CompletionStage<Decision> takeHere(Subject subject, Purse purse, Throwable redisAway) {
        LOG.debug("limit {} by this instance alone: {}", subject.limit(), redisAway.toString());
        long now = System.nanoTime();
        long wait = purse.local(capacity(subject.limit()), window, now).take(now);
        return CompletableFuture.completedStage(
                new Decision(wait == 0, wait == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(wait) + 1));
    }

    private double price(Limit limit) {
        return limit.adaptive ? 1 / factor.getAsDouble() : 1;
    }

    private static String name(Subject subject) {
        return subject.limit().name().toLowerCase(Locale.ROOT);
    }

    /** Gives back what has not been used for a while. */
    @Scheduled(fixedDelay = "250ms")
    void giveBack() {
        var _ = giveBack(System.nanoTime() - Purse.HOLD.toNanos());
    }

    private CompletableFuture<?> giveBack(long before) {
        List<CompletableFuture<?>> told = new ArrayList<>();
        for (InHand oldest = inHand.peek(); oldest != null && oldest.since() - before <= 0; oldest = inHand.peek()) {
            InHand one = inHand.poll();
            int unused = one == null ? 0 : one.purse().takeAll();
            if (one != null && unused > 0) {
                Subject subject = one.subject();
                // At today's price; where it has changed since, the bucket ends up with a little less or more.
                told.add(buckets.giveBack(
                                name(subject),
                                subject.name(),
                                capacity(subject.limit()),
                                unused * price(subject.limit()))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(told.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("tokens were not given back: {}", failure.toString());
            }
        });
    }

    @PreDestroy
    void close() {
        try {
            var _ = giveBack(System.nanoTime()).get(LAST_WORD_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("tokens were not given back", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int capacity(Limit limit) {
        return switch (limit) {
            case MESSAGES_PER_USER -> settings.messagesPerUser();
            case MESSAGES_PER_CHAT -> settings.messagesPerChat();
            case MESSAGES_OVER_ALL -> settings.messagesOverAll();
            case TYPING_PER_USER -> settings.typingPerUser();
            case LOGINS_PER_NAME -> settings.loginsPerName();
            case LOGINS_PER_ADDRESS -> settings.loginsPerAddress();
            case REGISTRATIONS_PER_ADDRESS -> settings.registrationsPerAddress();
            case SEARCHES_PER_USER -> settings.searchesPerUser();
            case CHATS_CREATED_PER_USER -> settings.chatsCreatedPerUser();
            case CONNECTS_PER_USER -> settings.connectsPerUser();
            case PRESENCE_CHANGES_PER_USER -> settings.presenceChangesPerUser();
            case PRESENCE_QUESTIONS_PER_USER -> settings.presenceQuestionsPerUser();
        };
    }
}
