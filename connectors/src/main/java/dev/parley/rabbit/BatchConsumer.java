package dev.parley.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.LongString;
import dev.parley.connect.Outage;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueName;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes in batches: the broker pushes up to a batch of unacknowledged messages, one thread per queue hands them to
 * the function and acknowledges them together when it has returned. What is not acknowledged when a connection ends is
 * delivered again.
 */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class BatchConsumer implements QueueConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(BatchConsumer.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE_WHILE_AWAY = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE_WHILE_AWAY = Duration.ofSeconds(5);

    private final RabbitLink rabbit;

    BatchConsumer(RabbitLink rabbit) {
        this.rabbit = rabbit;
    }

    @Override
    public Subscription consume(QueueName queue, Options options, BatchHandler handler) {
        return new Loop(queue, options, handler);
    }

    private final class Loop implements Subscription, Runnable {

        private record Received(long tag, Delivery delivery) {}

        /** A channel on which the broker pushes messages, until it closes or the queue goes. */
        private record Line(Channel channel, AtomicBoolean cancelled) {
            boolean isOpen() {
                return channel.isOpen() && !cancelled.get();
            }
        }

        private final QueueName queue;
        private final Options options;
        private final BatchHandler handler;
        private final Outage outage;
        private final Outage waiting;
        private final Thread thread;
        private volatile boolean running = true;
        private volatile @Nullable Line line;

        Loop(QueueName queue, Options options, BatchHandler handler) {
            this.queue = queue;
            this.options = options;
            this.handler = handler;
            this.outage = new Outage(LOG, "consuming " + queue.brokerName());
            this.waiting = new Outage(LOG, "handling " + queue.brokerName());
            this.thread =
                    Thread.ofPlatform().name("consume-" + queue.brokerName()).start(this);
        }

        @Override
        public boolean isConsuming() {
            Line open = line;
            return open != null && open.isOpen();
        }

        @Override
        public void run() {
            while (running) {
                try (Connection connection = rabbit.open("parley-" + queue.brokerName())) {
                    Channel channel = connection.createChannel();
                    consume(channel);
                } catch (IOException | TimeoutException | RuntimeException e) {
                    outage.failed(RabbitLink.reason(e));
                    pause(PAUSE_AFTER_FAILURE);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        private void consume(Channel channel) throws IOException, InterruptedException {
            // Bounded by the prefetch: the broker sends no more than that unacknowledged.
            BlockingQueue<Received> received = new LinkedBlockingQueue<>();
            Line opened = new Line(channel, new AtomicBoolean());
            channel.basicQos(options.batchSize());
            channel.basicConsume(queue.brokerName(), false, new DefaultConsumer(channel) {
                @Override
                public void handleDelivery(
                        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                    received.add(new Received(envelope.getDeliveryTag(), delivery(queue, envelope, properties, body)));
                }

                @Override
                public void handleCancel(String tag) {
                    // The queue was deleted or has moved; the channel stays open, but nothing comes any more.
                    opened.cancelled.set(true);
                }
            });
            line = opened;
            outage.works();
            while (running && opened.isOpen()) {
                List<Received> batch = collect(received);
                if (!batch.isEmpty()) {
                    work(channel, batch);
                }
            }
        }

        private List<Received> collect(BlockingQueue<Received> received) throws InterruptedException {
            List<Received> batch = new ArrayList<>();
            Received first = received.poll(100, TimeUnit.MILLISECONDS);
            if (first == null) {
                return batch;
            }
            batch.add(first);
            long deadline = System.nanoTime() + options.maxWait().toNanos();
            while (batch.size() < options.batchSize()) {
                Received next = received.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (next == null) {
                    break;
                }
                batch.add(next);
            }
            return batch;
        }

        private void work(Channel channel, List<Received> batch) throws IOException, InterruptedException {
            long last = batch.getLast().tag();
            try {
                if (!handled(channel, batch.stream().map(Received::delivery).toList())) {
                    return;
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Throwable e) {
                // Errors too: whatever went wrong, it must not end the only thread that consumes this queue.
                LOG.warn("a batch of {} failed and will be delivered again", queue.brokerName(), e);
                pause(PAUSE_AFTER_FAILURE);
                channel.basicNack(last, true, true);
                return;
            }
            channel.basicAck(last, true);
        }

        /**
         * Has the batch handled; as long as a server is away it is kept and tried again. Giving it back instead would
         * count as deliveries, and a quorum queue makes dead letters of what was delivered too often.
         *
         * @return false where the consumer or its channel ended meanwhile: the broker then has the batch again
         */
        private boolean handled(Channel channel, List<Delivery> deliveries) throws Exception {
            Duration pause = FIRST_PAUSE_WHILE_AWAY;
            while (true) {
                try {
                    handler.handle(deliveries);
                    waiting.works();
                    return true;
                } catch (ServerAwayException away) {
                    waiting.failed(String.valueOf(away.getMessage()));
                    pause(pause);
                    if (!running || !channel.isOpen()) {
                        return false;
                    }
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE_WHILE_AWAY) < 0
                            ? pause.multipliedBy(2)
                            : LONGEST_PAUSE_WHILE_AWAY;
                }
            }
        }

        private void pause(Duration duration) {
            try {
                Thread.sleep(duration);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            running = false;
            try {
                if (!thread.join(Duration.ofSeconds(30))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
        }
    }

    static Delivery delivery(QueueName queue, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        Map<String, Object> headers = new HashMap<>();
        if (properties.getHeaders() != null) {
            properties.getHeaders().forEach((name, value) -> {
                if (value instanceof Number number) {
                    headers.put(name, number.longValue());
                } else if (value instanceof LongString || value instanceof String) {
                    headers.put(name, value.toString());
                }
                // The rest is the broker's own account (x-death), which must not be published again as text.
            });
        }
        int priority = properties.getPriority() == null ? 0 : properties.getPriority();
        return new Delivery(queue, body, priority, headers, envelope.isRedeliver());
    }
}
