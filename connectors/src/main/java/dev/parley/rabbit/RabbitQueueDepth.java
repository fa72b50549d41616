package dev.parley.rabbit;

import com.rabbitmq.client.Channel;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the broker by declaring the queue passively, on a connection of its own that is opened at the first question and
 * anew after a failure; one question at a time. Fails at once while the broker is known to be away.
 */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class RabbitQueueDepth implements QueueDepth {

    private final RabbitServers servers;
    private final Topology topology;
    private final Breakers breakers;
    private @Nullable Channel channel;

    RabbitQueueDepth(RabbitServers servers, Topology topology, Breakers breakers) {
        this.servers = servers;
        this.topology = topology;
        this.breakers = breakers;
    }

    @Override
    public synchronized long waiting(QueueName queue) {
        breakers.requireNotAway(Server.RABBITMQ);
        try {
            Channel open = channel;
            if (open == null) {
                open = servers.connect("parley-queue-depth").createChannel();
                channel = open;
            }
            return open.messageCount(topology.queue(queue).name());
        } catch (IOException | TimeoutException | RuntimeException e) {
            close();
            throw new ServerAwayException("RabbitMQ", e);
        }
    }

    @PreDestroy
    synchronized void close() {
        Channel open = channel;
        channel = null;
        if (open != null) {
            open.getConnection().abort(1_000);
        }
    }
}
