package dev.parley.connect;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** Is told when a server goes away or comes back; must not block. */
    @FunctionalInterface
    public interface Listener {
        void changed(Server server, boolean away);
    }

    private final class Guarded {
        final Server server;
        final CircuitBreaker breaker;
        final AtomicBoolean away = new AtomicBoolean();
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

    /** Tells the listener of every change from now on; on whatever thread noticed it. */
    public void listen(Listener listener) {
        listeners.add(listener);
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

    /** By the name of each server whether it is {@code up} or {@code away}, for operators. */
    public Map<String, Object> states() {
        Map<String, Object> states = new LinkedHashMap<>();
        for (Server server : Server.values()) {
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
     * it.
     *
     * @param sign a cheap call, not guarded itself; must not block
     */
    public void probe(Server server, Supplier<CompletionStage<Boolean>> sign) {
        AtomicBoolean underWay = new AtomicBoolean();
        var _ = probes.scheduleWithFixedDelay(
                () -> {
                    if (underWay.compareAndSet(false, true)) {
                        var _ = call(server, sign).whenComplete((answer, failure) -> underWay.set(false));
                    }
                },
                PROBE_INTERVAL.toMillis(),
                PROBE_INTERVAL.toMillis(),
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
