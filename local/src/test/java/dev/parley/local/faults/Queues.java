package dev.parley.local.faults;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.parley.local.faults.world.World;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeoutException;

/** How much waits in the queue of messages to be persisted, and in those for trying again. */
final class Queues {

    /** @param waiting in the queue and its retry queues; what a consumer has in hand does not count */
    record Depth(int waiting, int dead) {}

    private final Topology topology = Topology.load();
    private final ConnectionFactory factory = new ConnectionFactory();

    Queues(World world) throws URISyntaxException, GeneralSecurityException {
        factory.setUri(world.rabbitUri());
        factory.setAutomaticRecoveryEnabled(false);
    }

    Depth depth() throws IOException, TimeoutException {
        try (Connection connection = factory.newConnection("faults");
                Channel channel = connection.createChannel()) {
            Topology.Queue persist = topology.queue(QueueName.MESSAGE_PERSIST);
            int waiting = count(channel, persist.name());
            for (int attempt = 1; attempt <= topology.retryDelaysMs().size(); attempt++) {
                waiting += count(channel, persist.retryQueue(attempt));
            }
            return new Depth(waiting, count(channel, persist.deadLetterQueue()));
        }
    }

    private static int count(Channel channel, String queue) throws IOException {
        return channel.queueDeclarePassive(queue).getMessageCount();
    }
}
