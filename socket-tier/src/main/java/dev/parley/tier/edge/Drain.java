package dev.parley.tier.edge;

import dev.parley.tier.Ending;
import dev.parley.tier.TierSettings;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.event.ShutdownEvent;
import io.micronaut.runtime.event.annotation.EventListener;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polite end of an instance, before anything is closed that its connections need.
 *
 * <pre>
 *   Ending ── not ready, handshakes refused ── notice ── each client told ── spread ── grace ── all have ended
 *                                                             │  own delay  │  goes by itself,
 *                                                             └─────────────┘  or is closed a grace later
 * </pre>
 *
 * Each client has a delay of its own, so that those of one instance do not arrive at the others all at once. Where the
 * context is closed without it, connections are closed at once, after the answers that are due.
 */
@Singleton
final class Drain implements ApplicationEventListener<ShutdownEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
    /** Answers that are due and a reader that takes nothing bound each end in the same way; see Connection, Outbox. */
    private static final Duration AT_ONCE_LIMIT = Duration.ofSeconds(10);

    private static final Duration PRESENCE_LIMIT = Duration.ofSeconds(3);

    private final Edge edge;
    private final TierSettings settings;
    private final AtomicBoolean begun = new AtomicBoolean();

    Drain(Edge edge, TierSettings settings) {
        this.edge = edge;
        this.settings = settings;
    }

    /** Sends all clients elsewhere and returns when they are gone, or the limit has passed. Runs once. */
    @EventListener
    void run(Ending ending) {
        if (begun.compareAndSet(false, true)) {
            run(settings.drainNotice(), settings.drainSpread(), settings.drainGrace(), settings.drainLimit());
        }
    }

    @Override
    public void onApplicationEvent(ShutdownEvent event) {
        if (begun.compareAndSet(false, true)) {
            run(Duration.ZERO, Duration.ZERO, Duration.ZERO, AT_ONCE_LIMIT);
        }
    }

    private void run(Duration notice, Duration spread, Duration grace, Duration limit) {
        long began = System.nanoTime();
        edge.closeDoors();
        List<Connection> all = edge.connections();
        if (all.isEmpty()) {
            return;
        }
        LOG.info("draining {} connections", all.size());
        try {
            if (edge.awaitEmpty(min(notice, limit))) {
                return;
            }
            all = edge.connections();
            sendAway(all, spread, grace);
            Duration left = limit.minusNanos(System.nanoTime() - began);
            if (!edge.awaitEmpty(left)) {
                LOG.warn("{} of {} connections were cut off", edge.connections().size(), all.size());
            }
            awaitPresence(all);
        } catch (InterruptedException e) {
            LOG.warn(
                    "{} connections were cut off: draining was interrupted",
                    edge.connections().size());
            Thread.currentThread().interrupt();
        }
        LOG.info("drained within {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    /** One slot of the spread for each, in random order, at a random point within the slot: even, and yet no beat. */
    private static void sendAway(List<Connection> connections, Duration spread, Duration grace) {
        List<Connection> shuffled = new ArrayList<>(connections);
        Collections.shuffle(shuffled, ThreadLocalRandom.current());
        double slot = (double) spread.toMillis() / shuffled.size();
        for (int i = 0; i < shuffled.size(); i++) {
            Connection connection = shuffled.get(i);
            Duration delay = Duration.ofMillis(
                    (long) (slot * (i + ThreadLocalRandom.current().nextDouble())));
            try {
                connection.loop().execute(() -> {
                    if (spread.isZero()) {
                        connection.closeForRestart();
                    } else {
                        connection.sendAway(delay, grace);
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the loop of connection {} has ended", connection.id());
            }
        }
    }

    /** The last words to Redis are on their way: whoever has no other connection is offline, all others are not. */
    private static void awaitPresence(List<Connection> connections) throws InterruptedException {
        CompletableFuture<?>[] ends =
                connections.stream().map(Connection::ended).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(PRESENCE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.info("Redis was not told of every connection that ended; its entries expire");
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
