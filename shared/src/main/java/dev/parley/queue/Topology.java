package dev.parley.queue;

import dev.parley.wire.Json;
import io.micronaut.serde.annotation.Serdeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names and arguments of all queues, from {@code parley/queues.json}.
 *
 * @param deadLetterExchange direct exchange; {@code dlq-<queue>} is bound to it with key {@code <queue>-failed}
 * @param retryDelaysMs one retry queue {@code <queue>.retry-<n>} per delay, because RabbitMQ expires messages only at
 *     the head of a queue: with one queue for all, a long delay would hold up the short ones behind it
 * @param live how events travel to the tier instances without Redis
 */
@Serdeable
public record Topology(String deadLetterExchange, List<Long> retryDelaysMs, Live live, List<Queue> queues) {

    /**
     * The exchange of {@link LiveExchange} and the queue that each instance binds to it.
     *
     * @param exchange topic exchange; the routing keys are {@code live.<bucket>}
     * @param buckets how many routing keys there are; the same for all processes that run at a time
     * @param maxLength events above which an instance's queue drops its oldest
     * @param messageTtlMs age at which an event is dropped that its instance has not taken
     */
    @Serdeable
    public record Live(String exchange, int buckets, int maxLength, long messageTtlMs) {

        public int bucket(String channel) {
            int hash = channel.hashCode();
            // Ids differ mostly in their last characters: spread them over all buckets.
            hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
            hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
            return Math.floorMod(hash ^ (hash >>> 16), buckets);
        }

        public String routingKey(int bucket) {
            return "live." + bucket;
        }
    }

    /**
     * A queue.
     *
     * @param maxPriority highest priority that makes a difference
     * @param messageTtlMs age at which a message is dead-lettered
     * @param maxLength number of messages above which publishes are refused
     * @param consumer which function consumes it
     * @param alarmDepth number of waiting messages at which operators are called
     */
    @Serdeable
    public record Queue(
            String name,
            int maxPriority,
            @Nullable Long messageTtlMs,
            long maxLength,
            boolean durable,
            String consumer,
            long alarmDepth) {

        public String deadLetterQueue() {
            return "dlq-" + name;
        }

        public String deadLetterKey() {
            return name + "-failed";
        }

        /** Retry queues are numbered from 1, in the order of growing delays. */
        public String retryQueue(int attempt) {
            return name + ".retry-" + attempt;
        }
    }

    public static Topology load() {
        try (InputStream file = Topology.class.getResourceAsStream("/parley/queues.json")) {
            if (file == null) {
                throw new IllegalStateException("parley/queues.json is not on the class path");
            }
            return Json.standalone().read(file.readAllBytes(), Topology.class);
        } catch (IOException e) {
            throw new UncheckedIOException("parley/queues.json", e);
        }
    }

    public Queue queue(QueueName name) {
        return queues.stream()
                .filter(q -> q.name().equals(name.brokerName()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name.brokerName() + " is not in parley/queues.json"));
    }
}
