package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.keys.RedisKeys;
import io.lettuce.core.SetArgs;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the copies in Redis may be believed: those of the current generation, whose name Redis holds.
 *
 * <pre>
 *   an invalidation failed, the connection was lost,      within half a second of Redis' return
 *   or Redis holds no generation              ──▶ doubt ──────────────────────────────────────▶ a new generation
 * </pre>
 *
 * Whoever doubts believes no copy and makes none until there is a new generation, which then makes everybody drop what is
 * older: an invalidation that was lost on its way, or with the newest memory of a server that failed, costs a look into
 * MongoDB and shows nobody what is out of date. A copy carries the generation that was current before its data was read,
 * so what was read before an invalidation that failed is not believed after it. Thread-safe; never blocks.
 */
@Singleton
final class CacheGeneration {

    private static final Logger LOG = LoggerFactory.getLogger(CacheGeneration.class);
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(RedisLink.RETRY.toMillis(), TimeUnit.MILLISECONDS);

    private final RedisLink redis;
    private final List<Runnable> whenDoubted = new CopyOnWriteArrayList<>();
    private final AtomicLong doubts = new AtomicLong();
    private final AtomicBoolean beginning = new AtomicBoolean();
    private volatile long settledDoubts;
    private volatile boolean closed;

    CacheGeneration(RedisLink redis, Breakers breakers) {
        this.redis = redis;
        redis.whenLost(this::doubt);
        // A server that answers without serving loses no connection.
        breakers.listen((server, away) -> {
            if (server == Server.REDIS && away) {
                doubt();
            }
        });
    }

    /**
     * Has it run when a doubt begins and when it has ended: what was read until then may have missed an invalidation. It must
     * not block or throw.
     */
    void whenDoubted(Runnable task) {
        whenDoubted.add(task);
    }

    /** What copies must carry to be believed now; empty while none is believed. Read it before what is to be copied. */
    CompletionStage<Optional<String>> current() {
        if (isDoubted()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        return redis.call(commands -> commands.get(RedisKeys.CACHE_GENERATION)).thenApply(name -> {
            if (name == null) {
                doubt();
            }
            // A doubt may have come up since.
            return name == null || isDoubted() ? Optional.empty() : Optional.of(text(name));
        });
    }

    private boolean isDoubted() {
        return doubts.get() != settledDoubts;
    }

    /** A copy may be out of date, and nobody can say which. */
    void doubt() {
        doubts.incrementAndGet();
        beginOnce();
    }

    private void beginOnce() {
        if (beginning.compareAndSet(false, true)) {
            whenDoubted.forEach(Runnable::run);
            begin();
        }
    }

    /** Begins a new generation, as soon as Redis takes it. */
    private void begin() {
        long settled = doubts.get();
        String name = UUID.randomUUID().toString();
        var _ = redis.call(commands -> commands.set(
                        RedisKeys.CACHE_GENERATION, arg(name), SetArgs.Builder.ex(RedisKeys.CACHE_GENERATION_TTL)))
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        settledDoubts = settled;
                        LOG.debug("what Redis remembered of MongoDB is not believed any more");
                    }
                    if (failure != null || isDoubted()) {
                        LATER.execute(this::beginAgain);
                        return;
                    }
                    whenDoubted.forEach(Runnable::run);
                    beginning.set(false);
                    if (isDoubted()) {
                        beginOnce();
                    }
                });
    }

    private void beginAgain() {
        if (!closed) {
            begin();
        }
    }

    @PreDestroy
    void close() {
        closed = true;
    }
}
