package dev.parley.bench.load.world;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Throws away what waits to be stored, once a second, where nobody stores it: a queue that only grows makes the broker
 * slower from minute to minute, and with it whatever is measured last.
 */
final class QueueSink implements AutoCloseable {

    private static final long INTERVAL_MS = 1_000;

    private final String uri;
    private final String queue =
            Topology.load().queue(QueueName.MESSAGE_PERSIST).name();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("queue-sink").unstarted(this::run);

    QueueSink(String rabbitUri) {
        this.uri = rabbitUri;
        thread.start();
    }

    private void run() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        try {
            factory.setUri(uri);
            try (Connection connection = factory.newConnection("queue-sink")) {
                while (!closed.await(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
                    purge(connection);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            System.err.println("the queue is not emptied: " + e);
        }
    }

    private void purge(Connection connection) throws IOException {
        Channel channel = connection.createChannel();
        try {
            var _ = channel.queuePurge(queue);
        } catch (IOException e) {
            // Nobody has declared it yet; that ends only the channel.
            if (!(e.getCause() instanceof ShutdownSignalException refused) || refused.isHardError()) {
                throw e;
            }
        } finally {
            channel.abort();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
