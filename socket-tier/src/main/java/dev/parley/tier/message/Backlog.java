package dev.parley.tier.message;

import dev.parley.mongo.ChatStore;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.tier.Blocking;
import dev.parley.tier.limit.LimitSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many messages wait to be stored, looked up every second. Above a bound sends are shed with a probability that rises
 * with the depth, those to groups first:
 *
 * <pre>
 *   waiting     bound      2 × bound     3 × bound
 *   groups        0 ─────────▶ 1
 *   direct                     0 ─────────▶ 1
 * </pre>
 *
 * While the broker does not say, nothing is shed: the way past it has a bound of its own. Thread-safe.
 */
@Singleton
final class Backlog {

    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);
    private static final long RETRY_MS_PER_BOUND = 2_000;
    private static final long LONGEST_RETRY_MS = 10_000;

    private final QueueDepth depth;
    private final Blocking blocking;
    private final LimitSettings settings;
    private final DoubleSupplier random;
    private final Map<ChatStore.Type, Counter> shed = new EnumMap<>(ChatStore.Type.class);
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long waiting;
    private volatile boolean shedding;

    @Inject
    Backlog(QueueDepth depth, Blocking blocking, LimitSettings settings, MeterRegistry metrics) {
        this(
                depth,
                blocking,
                settings,
                metrics,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    Backlog(QueueDepth depth, Blocking blocking, LimitSettings settings, MeterRegistry metrics, DoubleSupplier random) {
        this.depth = depth;
        this.blocking = blocking;
        this.settings = settings;
        this.random = random;
        Gauge.builder("parley.persist.waiting", () -> waiting)
                .description("messages that wait to be stored, as this instance last saw it")
                .register(metrics);
        for (ChatStore.Type type : ChatStore.Type.values()) {
            shed.put(
                    type,
                    Counter.builder("parley.sends.shed")
                            .tag("chat", type.name().toLowerCase(Locale.ROOT))
                            .description("sends refused because too many messages wait to be stored")
                            .register(metrics));
        }
    }

    @Scheduled(fixedDelay = "1s")
    void look() {
        if (!settings.enabled() || !asking.compareAndSet(false, true)) {
            return;
        }
        var _ = blocking.call(() -> depth.waiting(QueueName.MESSAGE_PERSIST)).whenComplete((now, failure) -> {
            if (failure != null) {
                LOG.debug("the depth of the queue is not known: {}", failure.toString());
            }
            see(now == null ? 0 : now);
            asking.set(false);
        });
    }

    /** One at a time. */
    void see(long now) {
        waiting = now;
        boolean above = now > settings.persistBacklog();
        if (above != shedding) {
            shedding = above;
            if (above) {
                LOG.warn("{} messages wait to be stored: shedding sends", now);
            } else {
                LOG.info("{} messages wait to be stored: taking all sends again", now);
            }
        }
    }

    /** Whether a send is to be refused now: then when it may be tried again, in ms. */
    OptionalLong shed(ChatStore.Type type) {
        if (!shedding) {
            return OptionalLong.empty();
        }
        double bounds = (double) waiting / settings.persistBacklog();
        double probability = bounds - (type == ChatStore.Type.DIRECT ? 2 : 1);
        if (random.getAsDouble() >= probability) {
            return OptionalLong.empty();
        }
        Counter counter = shed.get(type);
        if (counter != null) {
            counter.increment();
        }
        double longest = Math.min(LONGEST_RETRY_MS, RETRY_MS_PER_BOUND * bounds);
        return OptionalLong.of((long) (longest * (0.5 + random.getAsDouble() / 2)));
    }
}
