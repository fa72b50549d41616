package dev.parley.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import io.micronaut.rabbitmq.connect.RabbitConnectionFactoryConfig;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Opens connections to the broker and declares the queues on them. The client's own recovery is off: it would carry
 * confirm numbers over to a new channel, where they mean other messages; publisher and consumer reconnect themselves
 * and start from a clean state.
 */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class RabbitLink {

    private final RabbitConnectionFactoryConfig factory;
    private final Topology topology;
    private final RabbitSettings settings;

    RabbitLink(RabbitConnectionFactoryConfig factory, Topology topology, RabbitSettings settings) {
        this.factory = factory;
        this.topology = topology;
        this.settings = settings;
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setConnectionTimeout(5_000);
        factory.setHandshakeTimeout(5_000);
        factory.setRequestedHeartbeat(10);
    }

    /** A new connection, with all queues declared. */
    Connection open(String name) throws IOException, TimeoutException {
        Connection connection =
                factory.getAddresses().filter(list -> !list.isEmpty()).isPresent()
                        ? factory.newConnection(factory.getAddresses().orElse(List.of()), name)
                        : factory.newConnection(name);
        try (Channel channel = connection.createChannel()) {
            declare(channel);
        } catch (IOException | TimeoutException | RuntimeException e) {
            connection.abort();
            throw e;
        }
        return connection;
    }

    private void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(topology.deadLetterExchange(), "direct", true);
        channel.exchangeDeclare(topology.live().exchange(), "topic", true);
        for (Topology.Queue queue : topology.queues()) {
            channel.queueDeclare(queue.deadLetterQueue(), true, false, false, Map.of());
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
            arguments.put("x-queue-type", "quorum");
            arguments.put("x-dead-letter-strategy", "at-least-once");
        } else {
            arguments.put("x-max-priority", queue.maxPriority());
        }
        return arguments;
    }

    private Map<String, Object> retryArguments(Topology.Queue queue, int attempt) {
        return Map.of(
                "x-message-ttl", topology.retryDelaysMs().get(attempt - 1),
                "x-dead-letter-exchange", "",
                "x-dead-letter-routing-key", queue.name());
    }
}
