package dev.parley.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import dev.parley.connect.Outage;
import dev.parley.queue.Address;
import dev.parley.queue.Publication;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueuePublisher;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes with confirms. One thread owns the channel and writes in the order of the calls; any number of publications
 * are under way at once, up to a bound. What goes to a queue is persistent and mandatory: if it reaches none it has failed.
 * Each channel has its own table of what is unconfirmed, so that a confirm can never be taken for that of another
 * channel; when a channel ends, everything in its table has failed. A second thread fails what is late, because the
 * first may be held up by a broker that has stopped reading.
 */
@Context
@Requires(property = "rabbitmq.uri")
public final class ConfirmingPublisher implements QueuePublisher {

    private static final Logger LOG = LoggerFactory.getLogger(ConfirmingPublisher.class);
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);
    private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(10);
    private static final Duration EXPIRY_INTERVAL = Duration.ofMillis(50);
    private static final int LONGEST_BUNCH = 100;
    private static final int PERSISTENT = 2;
    private static final AMQP.BasicProperties TRANSIENT_EVENT =
            new AMQP.BasicProperties.Builder().deliveryMode(1).build();

    /** A message with its way through the broker. */
    @SuppressWarnings("ArrayRecordComponent") // identity is never compared; the bytes are shared on purpose
    private record Outgoing(
            String exchange, String routingKey, boolean mandatory, AMQP.BasicProperties properties, byte[] body) {}

    private record Pending(Outgoing message, CompletableFuture<Void> confirmed, long deadlineNanos) {}

    /** A channel with what is unconfirmed on it. */
    private final Outage outage = new Outage(LOG, "publishing to RabbitMQ");

    private final class Epoch {
        final Channel channel;
        final NavigableMap<Long, Pending> unconfirmed = new ConcurrentSkipListMap<>();
        final AtomicBoolean over = new AtomicBoolean();

        /** The broker is short of memory or disk and reads no publications for now. */
        final AtomicBoolean blocked = new AtomicBoolean();

        Epoch(Channel channel) throws IOException {
            this.channel = channel;
            channel.confirmSelect();
            channel.addConfirmListener(
                    (tag, multiple) -> settle(tag, multiple, null),
                    (tag, multiple) -> settle(tag, multiple, new PublishException("refused by the broker")));
            channel.addReturnListener(returned -> {
                // Comes before the confirm of the same message, which then finds nothing to complete.
                Pending pending = unconfirmed.remove(
                        Long.parseLong(returned.getProperties().getMessageId()));
                if (pending != null) {
                    pending.confirmed.completeExceptionally(
                            new PublishException("not routable: " + returned.getReplyText()));
                }
            });
            channel.getConnection()
                    .addBlockedListener(
                            reason -> {
                                LOG.warn("RabbitMQ takes no publications: {}", reason);
                                blocked.set(true);
                            },
                            () -> blocked.set(false));
            channel.addShutdownListener(cause -> end(cause));
        }

        void settle(long tag, boolean multiple, @Nullable PublishException failure) {
            NavigableMap<Long, Pending> settled =
                    multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
            for (var entry = settled.pollFirstEntry(); entry != null; entry = settled.pollFirstEntry()) {
                complete(entry.getValue(), failure);
            }
        }

        void end(Throwable cause) {
            over.set(true);
            for (var entry = unconfirmed.pollFirstEntry(); entry != null; entry = unconfirmed.pollFirstEntry()) {
                complete(entry.getValue(), new PublishException("connection to the broker lost", cause));
            }
        }
    }

    private final RabbitLink rabbit;
    private final Topology topology;
    private final RabbitSettings settings;
    private final BlockingQueue<Pending> waiting;
    private final Thread writer;
    private final ScheduledExecutorService expiry;
    private final CountDownLatch firstAttempt = new CountDownLatch(1);
    private volatile boolean running = true;
    private volatile @Nullable Epoch epoch;

    ConfirmingPublisher(RabbitLink rabbit, Topology topology, RabbitSettings settings) throws InterruptedException {
        this.rabbit = rabbit;
        this.topology = topology;
        this.settings = settings;
        this.waiting = new ArrayBlockingQueue<>(settings.maxUnconfirmed());
        this.writer = Thread.ofPlatform().daemon().name("rabbit-publisher").start(this::run);
        this.expiry = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("rabbit-expiry").factory());
        var _ = expiry.scheduleWithFixedDelay(
                this::expire, EXPIRY_INTERVAL.toMillis(), EXPIRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        // Whoever publishes right after the start finds it open; but a broker that is away holds up nobody for long.
        var _ = firstAttempt.await(FIRST_ATTEMPT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether publications can go out now. */
    public boolean isOpen() {
        Epoch now = epoch;
        return running && now != null && !now.over.get() && !now.blocked.get();
    }

    @Override
    public CompletionStage<Void> publish(Publication publication) {
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .deliveryMode(PERSISTENT)
                .contentType("application/json")
                .priority(publication.priority())
                .headers(publication.headers())
                .expiration(expiration(publication.address()))
                .build();
        Address address = publication.address();
        return publish(new Outgoing(exchange(address), routingKey(address), true, properties, publication.body()));
    }

    /** Publishes an event that is of use only now: it need not survive the broker, and may have no listener. */
    CompletionStage<Void> publishLive(String routingKey, byte[] body) {
        return publish(new Outgoing(topology.live().exchange(), routingKey, false, TRANSIENT_EVENT, body));
    }

    private CompletionStage<Void> publish(Outgoing message) {
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        if (!isOpen()) {
            confirmed.completeExceptionally(new PublishException("the broker is away"));
            return confirmed;
        }
        long deadline = System.nanoTime() + settings.confirmTimeout().toNanos();
        Pending pending = new Pending(message, confirmed, deadline);
        if (!waiting.offer(pending)) {
            complete(pending, new PublishException("too many publications under way"));
        } else if (!writer.isAlive() && waiting.remove(pending)) {
            // close() came in between, and nobody would look at it any more.
            complete(pending, new PublishException("the publisher is closed"));
        }
        return confirmed;
    }

    private void run() {
        while (running) {
            try (BunchingConnection connection = rabbit.open("parley-publisher")) {
                Epoch now = new Epoch(connection.createChannel());
                epoch = now;
                firstAttempt.countDown();
                outage.works();
                write(connection, now);
            } catch (IOException | TimeoutException | RuntimeException e) {
                outage.failed(RabbitLink.reason(e));
                firstAttempt.countDown();
                pause();
            } catch (InterruptedException e) {
                // Only close() interrupts; the loop ends with it.
                Thread.currentThread().interrupt();
                break;
            }
            failWaiting();
        }
        failWaiting();
    }

    private void write(BunchingConnection connection, Epoch now) throws IOException, InterruptedException {
        // After close() it goes on until all that was taken is confirmed or late.
        while (!now.over.get() && (running || !waiting.isEmpty() || !now.unconfirmed.isEmpty())) {
            Pending next = waiting.poll(running ? 100 : 10, TimeUnit.MILLISECONDS);
            if (next != null) {
                connection.inOneBunch(() -> sendBunch(now, next));
            }
        }
    }

    /** Sends this one and what else waits already; bounded, so that the first does not wait for ever. */
    private void sendBunch(Epoch now, Pending first) throws IOException {
        Pending next = first;
        for (int i = 0; i < LONGEST_BUNCH && next != null; i++) {
            send(now, next);
            next = i + 1 < LONGEST_BUNCH ? waiting.poll() : null;
        }
    }

    private void send(Epoch now, Pending next) throws IOException {
        if (isLate(next)) {
            complete(next, new PublishException("not sent in time"));
            return;
        }
        long number = now.channel.getNextPublishSeqNo();
        if (now.unconfirmed.size() >= settings.maxUnconfirmed()) {
            complete(next, new PublishException("too many publications under way"));
            return;
        }
        now.unconfirmed.put(number, next);
        if (now.over.get()) {
            // The channel ended between the look and the entry: nobody else will complete this one.
            now.end(new IOException("channel is closed"));
            return;
        }
        Outgoing message = next.message;
        try {
            now.channel.basicPublish(
                    message.exchange(),
                    message.routingKey(),
                    message.mandatory(),
                    // Says which one it was, should the broker return it.
                    message.properties()
                            .builder()
                            .messageId(Long.toString(number))
                            .build(),
                    message.body());
        } catch (IOException | RuntimeException e) {
            now.end(e);
            throw e;
        }
    }

    private String exchange(Address address) {
        return address instanceof Address.DeadLetter ? topology.deadLetterExchange() : "";
    }

    private String routingKey(Address address) {
        Topology.Queue queue = topology.queue(address.queue());
        return switch (address) {
            case Address.Main main -> queue.name();
            case Address.Retry retry -> queue.retryQueue(retry.attempt());
            case Address.DeadLetter deadLetter -> queue.deadLetterKey();
        };
    }

    /** How long the message may stay in its queue, where that is shorter than for the queue's others. */
    private @Nullable String expiration(Address address) {
        return address instanceof Address.Retry retry ? Long.toString(retry.delayMs(topology)) : null;
    }

    /** Fails what was not sent or not confirmed in time; both tables are in the order of the deadlines. */
    private void expire() {
        for (Pending first = waiting.peek(); first != null && isLate(first); first = waiting.peek()) {
            if (waiting.remove(first)) {
                complete(first, new PublishException("not sent in time"));
            }
        }
        Epoch now = epoch;
        if (now == null) {
            return;
        }
        for (var first = now.unconfirmed.firstEntry();
                first != null && isLate(first.getValue());
                first = now.unconfirmed.firstEntry()) {
            Pending late = now.unconfirmed.remove(first.getKey());
            if (late != null) {
                complete(late, new PublishException("not confirmed in time"));
            }
        }
    }

    private static boolean isLate(Pending pending) {
        return pending.deadlineNanos - System.nanoTime() < 0;
    }

    private void failWaiting() {
        for (Pending next = waiting.poll(); next != null; next = waiting.poll()) {
            complete(next, new PublishException("the broker is away"));
        }
    }

    private static void complete(Pending pending, @Nullable PublishException failure) {
        if (failure == null) {
            pending.confirmed.complete(null);
        } else {
            pending.confirmed.completeExceptionally(failure);
        }
    }

    private void pause() {
        try {
            Thread.sleep(RECONNECT_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no more, and returns when what was taken is confirmed or has failed. */
    @PreDestroy
    void close() throws InterruptedException {
        running = false;
        if (!writer.join(settings.confirmTimeout().plusSeconds(1))) {
            writer.interrupt();
            Epoch now = epoch;
            if (now != null) {
                now.channel.getConnection().abort(1_000);
            }
        }
        expiry.shutdownNow();
        failWaiting();
    }
}
