package dev.parley.testing;

import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * The shipped queues with short times, so that tests of retries and expiry take a second and not a minute. A context
 * with {@code parley.test.quick-queues} set has it.
 */
@Factory
@Requires(property = QuickTopology.PROPERTY)
public final class QuickTopology {

    public static final String PROPERTY = "parley.test.quick-queues";

    /** A message in this queue becomes a dead letter after {@link #TTL_MS}. */
    public static final QueueName EXPIRING = QueueName.CHAT_UPDATE;

    /** This queue is full with {@link #SHORT_LENGTH} messages. */
    public static final QueueName SHORT = QueueName.MESSAGE_READ;

    public static final long TTL_MS = 300;
    public static final long SHORT_LENGTH = 5;

    /** Events of the live exchange above which an instance's queue drops its oldest. */
    public static final int LIVE_LENGTH = 200;

    public static final List<Long> RETRY_DELAYS_MS = List.of(200L, 400L, 600L);

    @Singleton
    @Replaces(Topology.class)
    Topology topology() {
        return create();
    }

    public static Topology create() {
        Topology shipped = Topology.load();
        return new Topology(
                shipped.deadLetterExchange(),
                RETRY_DELAYS_MS,
                new Topology.Live(
                        shipped.live().exchange(),
                        shipped.live().buckets(),
                        LIVE_LENGTH,
                        shipped.live().messageTtlMs()),
                shipped.queues().stream().map(QuickTopology::shorten).toList());
    }

    private static Topology.Queue shorten(Topology.Queue queue) {
        return new Topology.Queue(
                queue.name(),
                queue.maxPriority(),
                queue.name().equals(EXPIRING.brokerName()) ? Long.valueOf(TTL_MS) : queue.messageTtlMs(),
                queue.name().equals(SHORT.brokerName()) ? SHORT_LENGTH : queue.maxLength(),
                queue.durable(),
                queue.consumer(),
                queue.alarmDepth());
    }
}
