package dev.parley.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.Delivery;
import dev.parley.queue.Publication;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueName;
import dev.parley.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The queue port on a real broker, with what only a broker can suffer. */
class RabbitIT extends RabbitContract {

    @Override
    protected boolean keepsRetriesOfAFullQueue() {
        return false;
    }

    @Test
    void aBatchIsKeptWhileAServerIsAwayAndDoesNotCountAsDeliveredAgain() throws Exception {
        publishAll(QUEUE, 0, List.of("a", "b"));

        List<Delivery> handled = new CopyOnWriteArrayList<>();
        AtomicInteger tries = new AtomicInteger();
        start(QUEUE, new QueueConsumer.Options(10, Duration.ofMillis(50)), batch -> {
            if (tries.incrementAndGet() <= 2) {
                throw new ServerAwayException("MongoDB", new IllegalStateException("on purpose"));
            }
            handled.addAll(batch);
        });
        Await.until("all are handled", () -> handled.size() == 2);

        assertThat(texts(handled)).containsExactly("a", "b");
        assertThat(handled).noneMatch(Delivery::redelivered);
    }

    @Test
    void whatReachesNoQueueHasFailed() throws Exception {
        onTheSide(channel -> channel.queueDelete(QUEUE.brokerName()));

        assertThatThrownBy(() -> publishAll(QUEUE, 0, List.of("lost")))
                .hasCauseInstanceOf(PublishException.class)
                .hasMessageContaining("not routable");
    }

    @Test
    void aConsumerWhoseQueueWasDeletedStartsAgain() throws Exception {
        List<Delivery> handled = new CopyOnWriteArrayList<>();
        start(QUEUE, new QueueConsumer.Options(10, Duration.ofMillis(5)), handled::addAll);
        publishAll(QUEUE, 0, List.of("before"));
        Await.until("it consumes", () -> handled.size() == 1);

        onTheSide(channel -> channel.queueDelete(QUEUE.brokerName()));
        Await.until("it declares the queue and consumes again", () -> {
            try {
                publishAll(QUEUE, 0, List.of("after"));
            } catch (java.util.concurrent.ExecutionException notYet) {
                return false;
            }
            return true;
        });
        Await.until("it consumes again", () -> texts(handled).contains("after"));
    }

    @Test
    void aKilledBrokerLosesNothingAndEverybodyResumes() throws Exception {
        List<String> handled = new CopyOnWriteArrayList<>();
        start(QUEUE, new QueueConsumer.Options(10, Duration.ofMillis(5)), batch -> handled.addAll(texts(batch)));
        publishAll(QUEUE, 0, List.of("before"));
        Await.until("it consumes", () -> handled.contains("before"));
        // Nobody consumes this queue: it has to survive on disk.
        publishAll(QueueName.NOTIFICATION_SEND, 0, List.of("1", "2", "3"));

        rabbit.kill();
        try {
            Await.until("publishing is refused", () -> !publisher.isOpen());
            assertThatThrownBy(() -> publishAll(QUEUE, 0, List.of("refused")))
                    .hasCauseInstanceOf(PublishException.class);
        } finally {
            rabbit.restart();
        }

        Await.until("publishing goes on", Duration.ofSeconds(30), publisher::isOpen);
        publishAll(QUEUE, 0, List.of("after"));
        Await.until("consuming goes on", Duration.ofSeconds(30), () -> handled.contains("after"));
        assertThat(texts(consume(QueueName.NOTIFICATION_SEND, 3))).containsExactly("1", "2", "3");
    }

    @Test
    void whatWasUnderWayWhenTheBrokerDiedHasFailedAndNotHung() throws Exception {
        byte[] body = new byte[10_000];
        List<CompletableFuture<Void>> underWay = new ArrayList<>();
        try {
            for (int i = 0; i < 3_000; i++) {
                if (i == 500) {
                    Thread.ofVirtual().start(rabbit::kill);
                }
                underWay.add(publisher.publish(Publication.to(QUEUE, body, 0)).toCompletableFuture());
            }
            Await.until("all are decided", () -> underWay.stream().allMatch(CompletableFuture::isDone));
        } finally {
            rabbit.restart();
        }
        long confirmed =
                underWay.stream().filter(one -> !one.isCompletedExceptionally()).count();
        assertThat(confirmed).isLessThan(3_000);
        // Confirmed is stored; of the rest some may be.
        List<Integer> stored = new CopyOnWriteArrayList<>();
        start(QUEUE, new QueueConsumer.Options(500, Duration.ofMillis(5)), batch -> stored.add(batch.size()));
        Await.until(
                "what was confirmed is there",
                Duration.ofSeconds(30),
                () -> stored.stream().mapToInt(i -> i).sum() >= confirmed);
    }

    @Test
    void aBrokerThatTakesNothingMoreRefusesInTime() throws Exception {
        rabbit.control("set_vm_memory_high_watermark", "0");
        try {
            byte[] body = new byte[100_000];
            List<CompletableFuture<Void>> underWay = new ArrayList<>();
            // More than the socket's buffers hold, so that the writer would block.
            for (int i = 0; i < 500; i++) {
                underWay.add(publisher.publish(Publication.to(QUEUE, body, 0)).toCompletableFuture());
            }
            Await.until(
                    "all are refused", () -> underWay.stream().allMatch(CompletableFuture::isCompletedExceptionally));
            assertThat(publisher.isOpen()).isFalse();
        } finally {
            rabbit.control("set_vm_memory_high_watermark", "0.4");
        }
        Await.until("publishing goes on", publisher::isOpen);
        publishAll(QUEUE, 0, List.of("after"));
    }

    @Test
    void closingConfirmsWhatIsUnderWay() throws Exception {
        List<CompletableFuture<Void>> underWay = IntStream.range(0, 2_000)
                .mapToObj(i -> send(QUEUE, 0, Integer.toString(i)))
                .toList();
        context.close();

        CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new)).get(1, TimeUnit.SECONDS);
        assertThatThrownBy(() -> publishAll(QUEUE, 0, List.of("late"))).hasCauseInstanceOf(PublishException.class);
    }

    private interface OnChannel {
        void run(Channel channel) throws Exception;
    }

    private void onTheSide(OnChannel work) throws Exception {
        try (Connection connection = rabbit.connect();
                Channel channel = connection.createChannel()) {
            work.run(channel);
        }
    }
}
