package dev.parley.rabbit;

import com.rabbitmq.client.Channel;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Opens connections to the broker and declares the queues on them. Whoever opens one reconnects by itself. */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class RabbitLink {

    /**
     * A quorum queue makes a dead letter of what was delivered more often, by default 20 times from RabbitMQ 4 on. Here the
     * functions count what has failed; being delivered again during an outage is no failure.
     */
    private static final long DELIVERY_LIMIT = 1_000_000;

    private final RabbitServers servers;
    private final Topology topology;
    private final RabbitSettings settings;

    RabbitLink(RabbitServers servers, Topology topology, RabbitSettings settings) {
        this.servers = servers;
        this.topology = topology;
        this.settings = settings;
    }

    /** A new connection, with all queues declared. */
    BunchingConnection open(String name) throws IOException, TimeoutException {
        BunchingConnection connection = servers.connect(name);
        try (Channel channel = connection.createChannel()) {
            declare(channel);
        } catch (IOException | TimeoutException | RuntimeException e) {
            connection.abort();
            throw e;
        }
        return connection;
    }

    /** Why a call failed; the client hides what the broker says in the cause. */
    static String reason(Throwable failure) {
        return failure.getMessage() == null && failure.getCause() != null
                ? failure.getCause().toString()
                : failure.toString();
    }

    private void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(topology.deadLetterExchange(), "direct", true);
        channel.exchangeDeclare(topology.live().exchange(), "topic", true);
        for (Topology.Queue queue : topology.queues()) {
            channel.queueDeclare(queue.deadLetterQueue(), true, false, false, deadLetterArguments());
            channel.queueBind(queue.deadLetterQueue(), topology.deadLetterExchange(), queue.deadLetterKey());
            channel.queueDeclare(queue.name(), queue.durable(), false, false, arguments(queue));
            for (int attempt = 1; attempt <= topology.retryDelaysMs().size(); attempt++) {
                channel.queueDeclare(queue.retryQueue(attempt), true, false, false, retryArguments(queue, attempt));
            }
        }
    }

    private Map<String, Object> arguments(Topology.Queue queue) {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("x-dead-letter-exchange", topology.deadLetterExchange());
        arguments.put("x-dead-letter-routing-key", queue.deadLetterKey());
        arguments.put("x-max-length", queue.maxLength());
        arguments.put("x-overflow", "reject-publish");
        if (queue.messageTtlMs() != null) {
            arguments.put("x-message-ttl", queue.messageTtlMs());
        }
        if (settings.quorumQueues()) {
            arguments.putAll(quorumThatMovesSafely());
        } else {
            arguments.put("x-max-priority", queue.maxPriority());
        }
        return arguments;
    }

    private Map<String, Object> retryArguments(Topology.Queue queue, int attempt) {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("x-message-ttl", topology.retryDelaysMs().get(attempt - 1));
        arguments.put("x-dead-letter-exchange", "");
        arguments.put("x-dead-letter-routing-key", queue.name());
        if (settings.quorumQueues()) {
            arguments.putAll(quorumThatMovesSafely());
        }
        return arguments;
    }

    private Map<String, Object> deadLetterArguments() {
        return settings.quorumQueues()
                ? Map.of("x-queue-type", "quorum", "x-delivery-limit", DELIVERY_LIMIT)
                : Map.of();
    }

    /** A quorum queue that gives up a message only when the next queue has it; that needs reject-publish. */
    private static Map<String, Object> quorumThatMovesSafely() {
        return Map.of(
                "x-queue-type", "quorum",
                "x-delivery-limit", DELIVERY_LIMIT,
                "x-dead-letter-strategy", "at-least-once",
                "x-overflow", "reject-publish");
    }
}
