package dev.parley.connect;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One circuit breaker per server. After a few calls that failed because the server was away, calls fail at once, so that
 * whoever has another way takes it without waiting for a timeout; a probe finds out when the server is back. Only
 * {@link ServerAwayException} counts as a failure: a call that the server refused was answered. Thread-safe.
 */
@Singleton
public final class Breakers {

    private static final Logger LOG = LoggerFactory.getLogger(Breakers.class);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(500);
    private static final CircuitBreakerConfig CONFIG = CircuitBreakerConfig.custom()
            .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
            .slidingWindowSize(10)
            .minimumNumberOfCalls(3)
            .failureRateThreshold(50)
            .waitDurationInOpenState(PROBE_INTERVAL)
            .permittedNumberOfCallsInHalfOpenState(2)
            .recordException(failure -> failure instanceof ServerAwayException)
            .build();

    private static final Executor VIRTUAL_THREADS =
            task -> Thread.ofVirtual().name("server-probe").start(task);

    /** Is told when a server goes away or comes back; must not block. */
    @FunctionalInterface
    public interface Listener {
        void changed(Server server, boolean away);

        /** The process uses the server; told once for each, before its first change. */
        default void used(Server server) {}
    }

    private final class Guarded {
        final Server server;
        final CircuitBreaker breaker;
        final AtomicBoolean away = new AtomicBoolean();
        final AtomicBoolean used = new AtomicBoolean();
        volatile long awaySince;

        Guarded(Server server) {
            this.server = server;
            this.breaker = CircuitBreaker.of(server.title(), CONFIG);
            breaker.getEventPublisher()
                    .onStateTransition(event -> note(event.getStateTransition().getToState()));
        }

        private void note(CircuitBreaker.State state) {
            // Half open is neither: the probes decide.
            if (state == CircuitBreaker.State.OPEN && away.compareAndSet(false, true)) {
                awaySince = System.nanoTime();
                LOG.warn("{} is away: calls fail at once until it answers", server.title());
                tell(true);
            } else if (state == CircuitBreaker.State.CLOSED && away.compareAndSet(true, false)) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - awaySince);
                LOG.info("{} is back after {} ms", server.title(), millis);
                tell(false);
            }
        }

        private void tell(boolean isAway) {
            for (Listener listener : listeners) {
                listener.changed(server, isAway);
            }
        }
    }

    private final Map<Server, Guarded> guarded = new EnumMap<>(Server.class);
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService probes = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("server-probes").factory());

    public Breakers() {
        for (Server server : Server.values()) {
            guarded.put(server, new Guarded(server));
        }
    }

    /** Tells the listener which servers are used, and of every change from now on; on whatever thread noticed it. */
    public synchronized void listen(Listener listener) {
        listeners.add(listener);
        for (Server server : used()) {
            listener.used(server);
        }
    }

    /** The servers that this process uses, which are those that are probed. */
    private List<Server> used() {
        return Arrays.stream(Server.values())
                .filter(server -> of(server).used.get())
                .toList();
    }

    /** Whether calls to the server fail at once for now. */
    public boolean isAway(Server server) {
        return of(server).away.get();
    }

    /** The server is known to be away, without a call that has failed: from now on calls fail at once. */
    public void lost(Server server) {
        CircuitBreaker breaker = of(server).breaker;
        if (breaker.getState() == CircuitBreaker.State.CLOSED) {
            breaker.transitionToOpenState();
        }
    }

    /** Fails at once where the server is away, for calls that have a way of their own to tell and to wait. */
    public void requireNotAway(Server server) {
        if (isAway(server)) {
            throw new ServerAwayException(server.title(), "its breaker is open");
        }
    }

    /** By the name of each server that this process uses whether it is {@code up} or {@code away}, for operators. */
    public Map<String, Object> states() {
        Map<String, Object> states = new LinkedHashMap<>();
        for (Server server : used()) {
            states.put(server.title(), isAway(server) ? "away" : "up");
        }
        return states;
    }

    /** Makes the call, unless the server is known to be away: then the stage has failed at once. */
    public <T> CompletionStage<T> call(Server server, Supplier<CompletionStage<T>> call) {
        CircuitBreaker breaker = of(server).breaker;
        if (!breaker.tryAcquirePermission()) {
            return CompletableFuture.failedStage(new ServerAwayException(server.title(), "its breaker is open"));
        }
        long start = breaker.getCurrentTimestamp();
        CompletionStage<T> stage;
        try {
            stage = call.get();
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        } catch (Error e) {
            // It says nothing of the server; but a permit that is kept would keep a half-open breaker from closing.
            breaker.releasePermission();
            throw e;
        }
        return stage.whenComplete((done, failure) -> {
            long took = breaker.getCurrentTimestamp() - start;
            if (failure != null && ServerAwayException.isCauseOf(failure)) {
                Throwable cause = failure instanceof ServerAwayException ? failure : failure.getCause();
                breaker.onError(took, breaker.getTimestampUnit(), cause);
            } else {
                breaker.onSuccess(took, breaker.getTimestampUnit());
            }
        });
    }

    /** The same for a call that blocks. */
    public <T> T run(Server server, Supplier<T> call) {
        CircuitBreaker breaker = of(server).breaker;
        if (!breaker.tryAcquirePermission()) {
            throw new ServerAwayException(server.title(), "its breaker is open");
        }
        long start = breaker.getCurrentTimestamp();
        try {
            T result = call.get();
            breaker.onSuccess(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit());
            return result;
        } catch (ServerAwayException away) {
            breaker.onError(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit(), away);
            throw away;
        } catch (RuntimeException | Error answered) {
            breaker.onSuccess(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit());
            throw answered;
        }
    }

    /**
     * Asks the server for a sign of life again and again, so that its coming and going is noticed without anybody using
     * it. From now on the server counts as one that this process uses.
     *
     * @param sign a cheap call, not guarded itself; must not block
     */
    public void probe(Server server, Supplier<CompletionStage<Boolean>> sign) {
        use(server);
        schedule(server, PROBE_INTERVAL, () -> true, sign);
    }

    /** The same for a sign that blocks, and that throws {@link ServerAwayException} where there is none. */
    public void probeBlocking(Server server, Runnable sign) {
        probe(server, blocking(sign));
    }

    /**
     * Asks only while the server is away, and seldom, for one that minds being asked: whether it is away is noticed by
     * those who use it. From now on it counts as used.
     *
     * @param sign may block; throws {@link ServerAwayException} where there is none
     */
    public void probeWhileAway(Server server, Duration interval, Runnable sign) {
        use(server);
        schedule(server, interval, () -> isAway(server), blocking(sign));
    }

    private static Supplier<CompletionStage<Boolean>> blocking(Runnable sign) {
        return () -> CompletableFuture.runAsync(sign, VIRTUAL_THREADS).thenApply(given -> true);
    }

    private synchronized void use(Server server) {
        if (of(server).used.compareAndSet(false, true)) {
            for (Listener listener : listeners) {
                listener.used(server);
            }
        }
    }

    private void schedule(
            Server server, Duration interval, BooleanSupplier due, Supplier<CompletionStage<Boolean>> sign) {
        AtomicBoolean underWay = new AtomicBoolean();
        var _ = probes.scheduleWithFixedDelay(
                () -> {
                    if (due.getAsBoolean() && underWay.compareAndSet(false, true)) {
                        var _ = call(server, sign).whenComplete((answer, failure) -> underWay.set(false));
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private Guarded of(Server server) {
        Guarded found = guarded.get(server);
        if (found == null) {
            throw new IllegalStateException("no breaker for " + server);
        }
        return found;
    }

    @PreDestroy
    void close() {
        probes.shutdownNow();
    }
}
