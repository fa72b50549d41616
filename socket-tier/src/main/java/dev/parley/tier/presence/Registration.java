package dev.parley.tier.presence;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.redis.Instances;
import dev.parley.redis.RedisSettings;
import dev.parley.tier.limit.Load;
import io.micronaut.runtime.event.annotation.EventListener;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This instance in the list of those that live.
 *
 * <pre>
 *            register under a new name, tell Redis of all connections, retire the old name
 *               ▲                                                          │
 *   counts as dead, Redis lost its memory,                                 ▼
 *   or was not told something ◀──────────────────────────────────── heartbeat, every 5 s
 * </pre>
 *
 * One heartbeat speaks for all users of the instance. A few users' connections are told again with each, all of them
 * within the hour: that renews what would expire, and mends what went wrong unnoticed.
 */
@Singleton
final class Registration {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final Duration ALL_REPEATED = Duration.ofHours(1);
    private static final long LAST_WORD_MS = 1_000;

    private final Instances instances;
    private final OnlineUsers users;
    private final RedisSettings settings;
    private final Load load;
    private final Instant started;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean registered;
    private volatile long registeredAt;
    // Both guarded by this.
    private CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);
    private boolean closed;
    private volatile String address = "";

    Registration(
            Instances instances, OnlineUsers users, RedisSettings settings, Load load, Breakers breakers, Clock clock) {
        this.instances = instances;
        this.users = users;
        this.settings = settings;
        this.load = load;
        this.started = clock.instant();
        breakers.listen((server, away) -> {
            if (server == Server.REDIS && !away) {
                beat();
            }
        });
    }

    @EventListener
    void listening(ServerStartupEvent event) {
        EmbeddedServer server = event.getSource();
        address = server.getHost() + ":" + server.getPort();
    }

    @Scheduled(fixedDelay = "${parley.redis.heartbeat:5s}")
    synchronized void beat() {
        if (closed || !busy.compareAndSet(false, true)) {
            return;
        }
        boolean mustRegister = !registered || (users.hasUnsaid() && mayRegisterAgain());
        CompletionStage<?> done = mustRegister ? register() : heartbeat();
        underWay = done.toCompletableFuture().whenComplete((answer, failure) -> {
            if (failure != null) {
                LOG.debug("no heartbeat: {}", failure.toString());
            }
            busy.set(false);
        });
    }

    /** A Redis that fails now and then is not told everything each time. */
    private boolean mayRegisterAgain() {
        return System.nanoTime() - registeredAt > settings.heartbeatLapse().toNanos();
    }

    private CompletionStage<?> heartbeat() {
        return instances.heartbeat(users.instance(), figures()).thenCompose(known -> {
            if (known) {
                return users.repeat(share(users.users())).thenApply(done -> true);
            }
            LOG.info("Redis holds this instance for dead: it registers anew");
            return register().thenApply(done -> true);
        });
    }

    /** So many with each heartbeat that all have had their turn in time. */
    private int share(int all) {
        return (int) Math.ceilDiv(all * settings.heartbeat().toMillis(), ALL_REPEATED.toMillis());
    }

    private CompletionStage<?> register() {
        registered = false;
        String old = users.instance();
        String name = users.newName();
        return instances
                .register(name, figures())
                .thenCompose(done -> users.moveTo(name))
                .thenCompose(done -> {
                    registeredAt = System.nanoTime();
                    registered = true;
                    LOG.info("registered as {} with {} users", name, users.users());
                    return instances.retire(old);
                });
    }

    private Map<String, String> figures() {
        return Map.of(
                "address", address,
                "started", started.toString(),
                "users", Integer.toString(users.users()),
                "connections", Integer.toString(users.connections()),
                "load", String.format(Locale.ROOT, "%.2f", load.cpu()),
                "draining", Boolean.toString(users.isDraining()));
    }

    /** Its users are offline at once, not only after the lapse. Nothing is said behind the last word. */
    @PreDestroy
    void close() {
        CompletableFuture<?> last;
        synchronized (this) {
            closed = true;
            last = underWay;
        }
        try {
            var _ = last.handle((answer, failure) -> users.instance())
                    .thenCompose(instances::retire)
                    .toCompletableFuture()
                    .get(LAST_WORD_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("Redis was not told that this instance has ended; its heartbeat lapses");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
