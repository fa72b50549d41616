package dev.parley.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import dev.parley.connect.Outage;
import dev.parley.queue.LiveExchange;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live events over RabbitMQ. Publications go through {@link ConfirmingPublisher}; a listener has a connection of its own,
 * so that a slow one stops nothing but itself, and a thread that connects, binds, and connects again.
 *
 * <pre>
 *   body: channel (UTF-8) │ line feed │ event
 * </pre>
 */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class RabbitLiveExchange implements LiveExchange {

    private static final Logger LOG = LoggerFactory.getLogger(RabbitLiveExchange.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(750);
    private static final long UNBIND_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long QUIET_AFTER_LOSS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Outage outage = new Outage(LOG, "listening to live events of RabbitMQ");
    private final RabbitLink rabbit;
    private final ConfirmingPublisher publisher;
    private final Topology.Live live;

    RabbitLiveExchange(RabbitLink rabbit, ConfirmingPublisher publisher, Topology topology) {
        this.rabbit = rabbit;
        this.publisher = publisher;
        this.live = topology.live();
    }

    @Override
    public CompletionStage<Void> publish(String channel, byte[] event) {
        byte[] name = channel.getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(name, name.length + 1 + event.length);
        body[name.length] = '\n';
        System.arraycopy(event, 0, body, name.length + 1, event.length);
        return publisher.publishLive(live.routingKey(live.bucket(channel)), body);
    }

    @Override
    public Listening listen(Listener listener) {
        Loop loop = new Loop(listener);
        loop.thread.start();
        return loop;
    }

    private final class Loop implements Listening, Runnable {

        private final Listener listener;
        private final Thread thread =
                Thread.ofPlatform().daemon().name("live-listener").unstarted(this);

        /** How often each channel was added. */
        private final Map<String, Integer> wanted = new ConcurrentHashMap<>();

        /** Wanted channels by bucket; changes together with {@link #wanted}. */
        private final AtomicIntegerArray channelsIn = new AtomicIntegerArray(live.buckets());

        /** Those of the wanted channels whose bucket may not be bound yet; so no larger than {@link #wanted}. */
        private final Set<String> fresh = ConcurrentHashMap.newKeySet();

        private final Semaphore wake = new Semaphore(0);

        /** Held by whoever calls the listener. */
        private final ReentrantLock turn = new ReentrantLock();

        private volatile boolean running = true;

        Loop(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void add(String channel) {
            wanted.compute(channel, (name, count) -> {
                if (count != null) {
                    return count + 1;
                }
                channelsIn.incrementAndGet(live.bucket(name));
                fresh.add(name);
                return 1;
            });
            wake.release();
        }

        @Override
        public void remove(String channel) {
            wanted.computeIfPresent(channel, (name, count) -> {
                if (count > 1) {
                    return count - 1;
                }
                channelsIn.decrementAndGet(live.bucket(name));
                fresh.remove(name);
                return null;
            });
        }

        @Override
        public void run() {
            while (running) {
                try {
                    Connection connection = rabbit.open("parley-live");
                    try {
                        new Ear(connection.createChannel()).listen();
                    } finally {
                        connection.abort(1_000);
                    }
                } catch (IOException | TimeoutException | RuntimeException e) {
                    outage.failed(RabbitLink.reason(e));
                } catch (InterruptedException e) {
                    // Only close() interrupts.
                    Thread.currentThread().interrupt();
                    return;
                }
                pause();
            }
        }

        /** Instances that lost the broker together do not come back together. */
        private void pause() {
            try {
                Thread.sleep(ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE.toMillis(), LONGEST_PAUSE.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void inTurn(Runnable call) {
            turn.lock();
            try {
                if (running) {
                    call.run();
                }
            } catch (RuntimeException e) {
                LOG.error("a listener to live events failed", e);
            } finally {
                turn.unlock();
            }
        }

        @Override
        public void close() {
            turn.lock();
            running = false;
            turn.unlock();
            wake.release();
            try {
                if (!thread.join(Duration.ofSeconds(5))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
        }

        /** One connection's queue. Its state belongs to the loop's thread. */
        private final class Ear {

            private final Channel channel;
            private final BitSet bound = new BitSet(live.buckets());
            private volatile boolean over;
            private String queue = "";
            private long nextUnbind = System.nanoTime() + UNBIND_INTERVAL_NANOS;

            /** Delivery tag of an event that was dropped and is not acknowledged; 0 for none. */
            private volatile long dropped;

            private boolean lossy;
            private long lastLoss;

            Ear(Channel channel) {
                this.channel = channel;
            }

            void listen() throws IOException, InterruptedException {
                channel.addShutdownListener(cause -> wake.release());
                // The broker drops the oldest in silence; made a dead letter of this second queue, it tells us.
                String overflow = declare(Map.of("x-queue-type", "classic", "x-max-length", 1));
                queue = declare(Map.of(
                        "x-queue-type",
                        "classic",
                        "x-max-length",
                        live.maxLength(),
                        "x-overflow",
                        "drop-head",
                        "x-message-ttl",
                        live.messageTtlMs(),
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        overflow));
                // What is added from here on is bound below; what was before, now.
                fresh.clear();
                BitSet inUse = new BitSet(live.buckets());
                for (int bucket = 0; bucket < live.buckets(); bucket++) {
                    inUse.set(bucket, channelsIn.get(bucket) > 0);
                }
                bind(inUse);
                outage.works();
                inTurn(listener::restored);
                try {
                    var _ = channel.basicConsume(queue, true, new Received());
                    channel.basicQos(1);
                    var _ = channel.basicConsume(overflow, false, new Dropped());
                    while (running && !over && channel.isOpen()) {
                        var _ = wake.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS);
                        var _ = wake.drainPermits();
                        bindFresh();
                        unbindUnused();
                        tellLoss();
                    }
                } finally {
                    inTurn(() -> {
                        over = true;
                        listener.interrupted();
                    });
                }
            }

            private String declare(Map<String, Object> arguments) throws IOException {
                return channel.queueDeclare("", false, true, true, arguments).getQueue();
            }

            private void bind(BitSet buckets) throws IOException {
                buckets.andNot(bound);
                if (buckets.isEmpty()) {
                    return;
                }
                for (int bucket = buckets.nextSetBit(0); bucket >= 0; bucket = buckets.nextSetBit(bucket + 1)) {
                    channel.queueBindNoWait(queue, live.exchange(), live.routingKey(bucket), Map.of());
                }
                // Answered after all of the above are done.
                var _ = channel.queueDeclarePassive(queue);
                bound.or(buckets);
            }

            private void bindFresh() throws IOException {
                if (fresh.isEmpty()) {
                    return;
                }
                List<String> names = new ArrayList<>();
                BitSet buckets = new BitSet(live.buckets());
                for (Iterator<String> each = fresh.iterator(); each.hasNext(); ) {
                    String name = each.next();
                    each.remove();
                    names.add(name);
                    buckets.set(live.bucket(name));
                }
                bind(buckets);
                for (String name : names) {
                    if (wanted.containsKey(name)) {
                        inTurn(() -> listener.listening(name));
                    }
                }
            }

            /** Seldom, because chats come and go and each binding is work for the whole cluster. */
            private void unbindUnused() throws IOException {
                if (System.nanoTime() - nextUnbind < 0) {
                    return;
                }
                nextUnbind = System.nanoTime() + UNBIND_INTERVAL_NANOS;
                for (int bucket = bound.nextSetBit(0); bucket >= 0; bucket = bound.nextSetBit(bucket + 1)) {
                    if (channelsIn.get(bucket) == 0) {
                        var _ = channel.queueUnbind(queue, live.exchange(), live.routingKey(bucket));
                        bound.clear(bucket);
                    }
                }
            }

            /** Says that something was dropped, once, and that all is well when nothing was for a while. */
            private void tellLoss() throws IOException {
                long tag = dropped;
                if (tag != 0 && !lossy) {
                    lossy = true;
                    lastLoss = System.nanoTime();
                    LOG.warn("live events came faster than they were taken; some were dropped");
                    inTurn(listener::interrupted);
                }
                if (!lossy || System.nanoTime() - lastLoss < QUIET_AFTER_LOSS_NANOS) {
                    return;
                }
                if (tag != 0) {
                    // Unacknowledged until now, so that one of many reaches us and not each.
                    dropped = 0;
                    channel.basicAck(tag, false);
                    lastLoss = System.nanoTime();
                } else {
                    lossy = false;
                    inTurn(listener::restored);
                }
            }

            /** Both consumers are called by a thread of the client, one after the other. */
            private final class Received extends DefaultConsumer {

                Received() {
                    super(channel);
                }

                @Override
                public void handleDelivery(
                        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                    int end = 0;
                    while (end < body.length && body[end] != '\n') {
                        end++;
                    }
                    String name = new String(body, 0, end, StandardCharsets.UTF_8);
                    if (end == body.length || !wanted.containsKey(name)) {
                        return;
                    }
                    byte[] event = Arrays.copyOfRange(body, end + 1, body.length);
                    inTurn(() -> {
                        if (!over) {
                            listener.received(name, event);
                        }
                    });
                }

                @Override
                public void handleCancel(String tag) {
                    // The queue was deleted; the channel stays open, but nothing comes any more.
                    over = true;
                    wake.release();
                }
            }

            private final class Dropped extends DefaultConsumer {

                Dropped() {
                    super(channel);
                }

                @Override
                public void handleDelivery(
                        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                    dropped = envelope.getDeliveryTag();
                    wake.release();
                }
            }
        }
    }
}
