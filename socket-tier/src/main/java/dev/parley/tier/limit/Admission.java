package dev.parley.tier.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which new connections this instance takes, decided before the upgrade: a token bucket, a breaker for storms, and a bound
 * on how many are open. Who is refused is told when to come back; those times are so far apart that the refused come back
 * at about the rate at which they can be taken. Thread-safe; all times are as {@link System#nanoTime}.
 */
@Singleton
public final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    /** Why a connection is refused. */
    public enum Reason {
        /** More come than may in a second. */
        RATE,
        /** So many come that nobody is let in for a while. */
        STORM,
        /** The instance holds as many as it can. */
        FULL
    }

    /** What becomes of an attempt. */
    public sealed interface Verdict {

        /** It counts as open until {@link Admission#left}. */
        record Admitted() implements Verdict {}

        record Refused(Reason reason, long retryAfterMs) implements Verdict {}
    }

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Verdict ADMITTED = new Verdict.Admitted();

    /** Of the rate, for those who come back; the rest is for those who come for the first time. */
    private static final double SHARE_OF_RETURNS = 0.8;

    private static final long EARLIEST_MS = 1_000;
    private static final long JITTER_MS = 1_000;

    /** Nobody waits longer than that before he asks again. */
    private static final long LATEST_MS = Duration.ofMinutes(5).toMillis();

    private final AdmissionSettings settings;
    private final boolean enabled;
    private final int capacity;
    private final RandomGenerator random;
    private final Bucket bucket;
    private final double returnsPerNano;
    private final Counter admitted;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);

    // Guarded by this, as is the random source.
    private int open;
    private int attempts;
    private long attemptsSince;
    private long stormUntil;
    private boolean storm;
    /** Those refused whose time has not come yet. */
    private double backlog;

    private long backlogAt;

    @Inject
    Admission(AdmissionSettings settings, LimitSettings limits, MeterRegistry metrics) {
        this(
                settings,
                limits.enabled(),
                Capacity.ofThisProcess(settings.connections()),
                metrics,
                new SplittableRandom(),
                System.nanoTime());
    }

    Admission(
            AdmissionSettings settings,
            boolean enabled,
            Capacity capacity,
            MeterRegistry metrics,
            RandomGenerator random,
            long now) {
        this.settings = settings;
        this.enabled = enabled;
        this.capacity = capacity.connections();
        this.random = random;
        this.bucket = new Bucket(settings.perSecond(), Duration.ofSeconds(1), now);
        this.returnsPerNano = settings.perSecond() * SHARE_OF_RETURNS / SECOND;
        this.attemptsSince = now;
        this.backlogAt = now;
        this.admitted = Counter.builder("parley.admission.admitted")
                .description("new connections let through to the upgrade")
                .register(metrics);
        for (Reason reason : Reason.values()) {
            refused.put(
                    reason,
                    Counter.builder("parley.admission.refused")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .description("new connections refused with 503 before the upgrade")
                            .register(metrics));
        }
        Gauge.builder("parley.admission.capacity", () -> this.capacity)
                .description("connections that the instance holds at most")
                .register(metrics);
        if (enabled) {
            LOG.info("holding at most {} connections, {}", capacity.connections(), capacity.reason());
        } else {
            LOG.info("holding any number of connections: the limits are lifted");
        }
    }

    /** Somebody wants a connection. */
    public Verdict knock(long now) {
        Verdict verdict = decide(now);
        switch (verdict) {
            case Verdict.Admitted in -> admitted.increment();
            case Verdict.Refused out -> {
                Counter counter = refused.get(out.reason());
                if (counter != null) {
                    counter.increment();
                }
            }
        }
        return verdict;
    }

    private synchronized Verdict decide(long now) {
        if (!enabled) {
            open++;
            return ADMITTED;
        }
        if (isStorm(now)) {
            return refuse(Reason.STORM, now, stormUntil - now);
        }
        if (open >= capacity) {
            return refuse(Reason.FULL, now, 0);
        }
        if (bucket.take(now) > 0) {
            return refuse(Reason.RATE, now, 0);
        }
        open++;
        return ADMITTED;
    }

    /** Counts the attempt. */
    private boolean isStorm(long now) {
        if (now - attemptsSince >= SECOND) {
            attempts = 0;
            attemptsSince = now;
        }
        attempts++;
        if (attempts > settings.breakerPerSecond()) {
            stormUntil = now + settings.breakerPause().toNanos();
            if (!storm) {
                storm = true;
                LOG.warn(
                        "more than {} attempts to connect within a second: refusing all for {} ms",
                        settings.breakerPerSecond(),
                        settings.breakerPause().toMillis());
            }
        } else if (storm && now - stormUntil >= 0) {
            storm = false;
            LOG.info("taking connections again");
        }
        return storm;
    }

    private Verdict refuse(Reason reason, long now, long atLeastNanos) {
        drainBacklog(now);
        backlog++;
        return new Verdict.Refused(reason, retryAfterMs(atLeastNanos, backlog));
    }

    private void drainBacklog(long now) {
        backlog = Math.max(0, backlog - Math.max(0, now - backlogAt) * returnsPerNano);
        backlogAt = now;
    }

    /** The time at which those refused before have come back, and a little jitter. */
    private long retryAfterMs(long atLeastNanos, double before) {
        long ms = EARLIEST_MS
                + TimeUnit.NANOSECONDS.toMillis(Math.max(0, atLeastNanos) + (long) (before / returnsPerNano))
                + random.nextLong(JITTER_MS);
        return ms <= LATEST_MS ? ms : random.nextLong(LATEST_MS / 2, LATEST_MS);
    }

    /**
     * When it makes sense to try, for somebody whom his program has not told of the refusal, as browsers do. He has been
     * counted already.
     *
     * @return empty where he would be let in now
     */
    public synchronized OptionalLong retryAfterMs(long now) {
        drainBacklog(now);
        boolean raging = storm && now - stormUntil < 0;
        if (!enabled || (!raging && open < capacity && backlog < 1)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(retryAfterMs(raging ? stormUntil - now : 0, backlog * random.nextDouble()));
    }

    /** A connection that was admitted has ended. */
    public synchronized void left() {
        open--;
    }

    /** How many are open or being opened. */
    public synchronized int open() {
        return open;
    }
}
