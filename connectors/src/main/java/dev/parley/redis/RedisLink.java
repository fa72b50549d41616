package dev.parley.redis;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.redis.RedisServers.Shared;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis for every command: one shared, pipelined connection, behind the breaker. It is opened in the
 * background, again and again until there is one, so that Redis may be away at any time, also at the start; until then
 * calls fail at once. Nothing waits in a queue for Redis to come back, and nothing is sent twice. Thread-safe.
 */
@Singleton
public final class RedisLink {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    static final Duration RETRY = Duration.ofMillis(500);

    /** Signs of life that may fail in a row before the connection counts as broken, although nobody has said so. */
    private static final int MAX_UNANSWERED = 3;

    /** A connection and its end. */
    private static final class Line {
        final Shared shared;
        final CountDownLatch lost;
        final AtomicInteger unanswered = new AtomicInteger();

        Line(Shared shared, CountDownLatch lost) {
            this.shared = shared;
            this.lost = lost;
        }

        void end() {
            if (shared.connection().isOpen()) {
                var _ = shared.connection().closeAsync();
            }
        }
    }

    private final RedisServers servers;
    private final Breakers breakers;
    private final CountDownLatch triedOnce = new CountDownLatch(1);
    private final CountDownLatch connectedOnce = new CountDownLatch(1);
    private final Thread connector = Thread.ofVirtual().name("redis-connector").unstarted(this::stayConnected);
    private final List<Runnable> whenLost = new CopyOnWriteArrayList<>();
    private volatile @Nullable Line line;
    private volatile boolean closed;

    /** Returns when the first try has succeeded or failed, so that a server that is there can be used at once. */
    RedisLink(RedisServers servers, Breakers breakers, RedisSettings settings) {
        this.servers = servers;
        this.breakers = breakers;
        servers.whenMasterChanged(() -> whenLost.forEach(Runnable::run));
        connector.start();
        breakers.probe(Server.REDIS, this::signOfLife);
        try {
            if (!triedOnce.await(settings.commandTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("Redis does not answer yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes a call. Calls are pipelined, and those of one thread about one chat or user are carried out in their order.
     *
     * @return fails with {@link ServerAwayException} where Redis did not answer in time or cannot serve for now, and at
     *     once while that is known; what it answers otherwise is passed on
     */
    <T> CompletionStage<T> call(
            Function<RedisClusterAsyncCommands<String, byte[]>, ? extends CompletionStage<T>> command) {
        Line open = line;
        if (open == null) {
            // Of no meaning for the breaker: the connector tells it.
            return away("not connected");
        }
        if (servers.oneForAll()) {
            return breakers.call(Server.REDIS, () -> unguarded(open, command));
        }
        if (breakers.isAway(Server.REDIS)) {
            return away("the cluster does not serve");
        }
        return unguarded(open, command);
    }

    private static <T> CompletionStage<T> unguarded(
            Line open, Function<RedisClusterAsyncCommands<String, byte[]>, ? extends CompletionStage<T>> command) {
        CompletionStage<T> stage;
        try {
            stage = command.apply(open.shared.commands());
        } catch (RuntimeException e) {
            // Also what the client should never throw: whoever waits for the stage must hear of it.
            stage = CompletableFuture.failedStage(e);
        }
        return stage.exceptionallyCompose(failure -> {
            if (Failures.isReadOnly(failure)) {
                // Another server has become the master.
                open.lost.countDown();
            }
            return CompletableFuture.failedStage(Failures.told(failure));
        });
    }

    private static <T> CompletionStage<T> away(String reason) {
        return CompletableFuture.failedStage(new ServerAwayException(Server.REDIS.title(), reason));
    }

    private CompletionStage<Boolean> signOfLife() {
        Line open = line;
        if (open == null) {
            return away("not connected");
        }
        return servers.signOfLife(open.shared)
                .whenComplete((serves, failure) -> {
                    if (failure == null || Failures.isAnswer(failure)) {
                        open.unanswered.set(0);
                    } else if (open.unanswered.incrementAndGet() >= MAX_UNANSWERED) {
                        open.lost.countDown();
                    }
                })
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(Failures.told(failure)))
                .thenCompose(serves -> serves ? CompletableFuture.completedStage(true) : away("it does not serve"));
    }

    private void stayConnected() {
        while (!closed) {
            long start = System.nanoTime();
            try {
                CountDownLatch lost = new CountDownLatch(1);
                Line opened = new Line(servers.connect(lost::countDown), lost);
                line = opened;
                connectedOnce.countDown();
                triedOnce.countDown();
                LOG.info("connected to Redis");
                try {
                    lost.await();
                    LOG.warn("the connection to Redis is lost");
                    whenLost.forEach(Runnable::run);
                } finally {
                    line = null;
                    opened.end();
                }
                pause(RETRY.minusNanos(System.nanoTime() - start));
            } catch (RuntimeException e) {
                LOG.debug("no connection to Redis", e);
                breakers.lost(Server.REDIS);
                triedOnce.countDown();
                pause(RETRY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause(Duration duration) {
        try {
            if (duration.isPositive()) {
                Thread.sleep(duration);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Has it run whenever the connection was lost, before there is another one, or a node of a cluster has got another
     * master, which may know less; it must not block or throw.
     */
    public void whenLost(Runnable task) {
        whenLost.add(task);
    }

    /** Waits until there has been a connection; answers false where there was none in that time. */
    public boolean awaitConnection(Duration atMost) throws InterruptedException {
        return connectedOnce.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    @PreDestroy
    void close() {
        closed = true;
        connector.interrupt();
        Line open = line;
        if (open != null) {
            open.end();
        }
    }
}
