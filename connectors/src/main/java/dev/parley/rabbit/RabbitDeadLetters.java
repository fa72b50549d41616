package dev.parley.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.Delivery;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueueName;
import dev.parley.queue.Topology;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters in RabbitMQ. A queue can only be looked at by taking: what is taken is not acknowledged, so that the broker
 * puts it back in its place when the operation's connection ends, however it ends. Fails at once while the broker is
 * known to be away.
 */
@Singleton
@Requires(property = "rabbitmq.uri")
public final class RabbitDeadLetters implements DeadLetters {

    private static final int REPLAY_BATCH = 200;
    private static final long TURN_SECONDS = 10;

    /** What an operation does with the queue. */
    private interface Work<T> {
        T on(Channel channel, String deadLetterQueue) throws IOException;
    }

    private final RabbitLink rabbit;
    private final ConfirmingPublisher publisher;
    private final Topology topology;
    private final Breakers breakers;
    private final Map<QueueName, ReentrantLock> turns = new EnumMap<>(QueueName.class);

    RabbitDeadLetters(RabbitLink rabbit, ConfirmingPublisher publisher, Topology topology, Breakers breakers) {
        this.rabbit = rabbit;
        this.publisher = publisher;
        this.topology = topology;
        this.breakers = breakers;
        for (QueueName queue : QueueName.values()) {
            turns.put(queue, new ReentrantLock());
        }
    }

    @Override
    public Map<QueueName, Long> counts() {
        return onChannel(channel -> {
            Map<QueueName, Long> counts = new EnumMap<>(QueueName.class);
            for (QueueName queue : QueueName.values()) {
                counts.put(queue, channel.messageCount(deadLetterQueue(queue)));
            }
            return counts;
        });
    }

    @Override
    public List<Letter> list(QueueName queue, int limit) {
        return inTurn(queue, (channel, name) -> {
            List<Letter> letters = new ArrayList<>();
            while (letters.size() < Math.min(limit, MAX_LIMIT)) {
                GetResponse next = channel.basicGet(name, false);
                if (next == null) {
                    break;
                }
                letters.add(letter(queue, next));
            }
            return letters;
        });
    }

    @Override
    public Optional<Letter> find(QueueName queue, String id) {
        return inTurn(queue, (channel, name) -> take(channel, name, id).map(found -> letter(queue, found)));
    }

    @Override
    public boolean replay(QueueName queue, String id) {
        return inTurn(queue, (channel, name) -> {
            Optional<GetResponse> found = take(channel, name, id);
            if (found.isEmpty()) {
                return false;
            }
            try {
                publisher
                        .publish(DeadLetters.again(delivery(queue, found.get())))
                        .toCompletableFuture()
                        .join();
            } catch (CompletionException e) {
                throw notReplayed(e);
            }
            acknowledge(channel, name, found.get());
            return true;
        });
    }

    @Override
    public long replayAll(QueueName queue) {
        return inTurn(queue, (channel, name) -> {
            // What fails again while this runs comes back as a letter; it is not replayed twice.
            long left = Math.min(channel.messageCount(name), MAX_SCAN);
            long replayed = 0;
            while (left > 0) {
                List<GetResponse> batch = new ArrayList<>();
                List<CompletableFuture<Void>> confirmed = new ArrayList<>();
                for (; left > 0 && batch.size() < REPLAY_BATCH; left--) {
                    GetResponse next = channel.basicGet(name, false);
                    if (next == null) {
                        left = 0;
                        break;
                    }
                    batch.add(next);
                    confirmed.add(publisher
                            .publish(DeadLetters.again(delivery(queue, next)))
                            .toCompletableFuture());
                }
                replayed += acknowledgeConfirmed(channel, batch, confirmed);
            }
            awaitAcknowledged(channel, name);
            return replayed;
        });
    }

    /**
     * In one acknowledgement: of many, a quorum queue's side of the channel keeps some back, and forgets them when the
     * channel closes before their turn has come.
     */
    private static int acknowledgeConfirmed(
            Channel channel, List<GetResponse> batch, List<CompletableFuture<Void>> confirmed) throws IOException {
        int done = 0;
        try {
            for (; done < batch.size(); done++) {
                confirmed.get(done).join();
            }
            return done;
        } catch (CompletionException e) {
            throw notReplayed(e);
        } finally {
            if (done > 0) {
                channel.basicAck(batch.get(done - 1).getEnvelope().getDeliveryTag(), true);
            }
        }
    }

    @Override
    public boolean drop(QueueName queue, String id) {
        return inTurn(queue, (channel, name) -> {
            Optional<GetResponse> found = take(channel, name, id);
            if (found.isPresent()) {
                acknowledge(channel, name, found.get());
            }
            return found.isPresent();
        });
    }

    @Override
    public long dropAll(QueueName queue) {
        return inTurn(queue, (channel, name) -> (long) channel.queuePurge(name).getMessageCount());
    }

    /** Takes letters from the oldest on until it is the one. */
    private static Optional<GetResponse> take(Channel channel, String name, String id) throws IOException {
        for (int i = 0; i < MAX_SCAN; i++) {
            GetResponse next = channel.basicGet(name, false);
            if (next == null) {
                return Optional.empty();
            }
            if (Letter.idOf(next.getBody()).equals(id)) {
                return Optional.of(next);
            }
        }
        return Optional.empty();
    }

    private static void acknowledge(Channel channel, String name, GetResponse letter) throws IOException {
        channel.basicAck(letter.getEnvelope().getDeliveryTag(), false);
        awaitAcknowledged(channel, name);
    }

    /** Acknowledgements have no answer. This goes the same way, also into a quorum queue, and is answered behind them. */
    private static void awaitAcknowledged(Channel channel, String name) throws IOException {
        var _ = channel.basicGet(name, false);
    }

    private static ServerAwayException notReplayed(CompletionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new ServerAwayException("RabbitMQ", cause);
    }

    private <T> T inTurn(QueueName queue, Work<T> work) {
        ReentrantLock turn = turns.get(queue);
        if (turn == null) {
            throw new IllegalArgumentException(queue.brokerName());
        }
        try {
            if (!turn.tryLock(TURN_SECONDS, TimeUnit.SECONDS)) {
                throw new ServerAwayException(
                        "RabbitMQ", new TimeoutException("another operation on these dead letters is at work"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerAwayException("RabbitMQ", e);
        }
        try {
            return onChannel(channel -> work.on(channel, deadLetterQueue(queue)));
        } finally {
            turn.unlock();
        }
    }

    private interface OnChannel<T> {
        T run(Channel channel) throws IOException;
    }

    private <T> T onChannel(OnChannel<T> work) {
        breakers.requireNotAway(Server.RABBITMQ);
        try (Connection connection = rabbit.open("parley-dead-letters");
                Channel channel = connection.createChannel()) {
            return work.run(channel);
        } catch (IOException | TimeoutException | PublishException e) {
            throw new ServerAwayException("RabbitMQ", e);
        }
    }

    private String deadLetterQueue(QueueName queue) {
        return topology.queue(queue).deadLetterQueue();
    }

    private static Delivery delivery(QueueName queue, GetResponse letter) {
        return BatchConsumer.delivery(queue, letter.getEnvelope(), letter.getProps(), letter.getBody());
    }

    private Letter letter(QueueName queue, GetResponse letter) {
        return Letter.of(delivery(queue, letter), death(topology.queue(queue).name(), letter.getProps()));
    }

    /** What the broker says of a message that died in the queue itself; coming back from a retry queue is no such death. */
    private static @Nullable Death death(String queue, AMQP.BasicProperties properties) {
        Map<String, Object> headers = properties.getHeaders();
        if (headers == null || !(headers.get("x-death") instanceof List<?> deaths)) {
            return null;
        }
        for (Object one : deaths) {
            if (one instanceof Map<?, ?> death && queue.equals(String.valueOf(death.get("queue")))) {
                String at = death.get("time") instanceof Date date
                        ? date.toInstant().toString()
                        : null;
                return new Death(String.valueOf(death.get("reason")), queue, at);
            }
        }
        return null;
    }
}
