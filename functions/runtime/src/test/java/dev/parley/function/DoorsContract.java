package dev.parley.function;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.testing.Await;
import dev.parley.testing.QuickTopology;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same events through both doors have the same effect. Each function's tests say which events and what effect. */
public abstract class DoorsContract {

    private static final byte[] POISON = "{\"not\":\"an event\"}".getBytes(StandardCharsets.UTF_8);

    private @Nullable ApplicationContext context;
    private AutoCloseable door = () -> {};

    /** The queues that the function consumes; the events below travel in the first. */
    protected abstract List<QueueName> queues();

    /** What the function needs beside the servers. */
    protected Map<String, Object> properties() {
        return Map.of();
    }

    /** Called when the context is there, before events come. */
    protected void prepare(ApplicationContext context) throws Exception {}

    /** An event that has its effect. */
    protected abstract QueueEvent good(int number);

    /** An event of the first queue, or of another, that fails each time and may succeed later. */
    protected abstract QueueEvent failing();

    /** How many of the good events have had their effect, counted each time that it was had. */
    protected abstract int effects(ApplicationContext context) throws Exception;

    @AfterEach
    void stop() throws Exception {
        door.close();
        if (context != null) {
            context.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eventsHaveTheirEffect(Door door) throws Exception {
        start(door);
        publish(good(1), good(2), good(3));

        awaitEffects(3);
    }

    @ParameterizedTest
    @EnumSource
    void theWholeBatchAgainHasNoSecondEffect(Door door) throws Exception {
        start(door);
        publish(good(1), good(2));
        awaitEffects(2);
        publish(good(1), good(2), good(1));
        // Comes after them, so that they are done when it is.
        publish(good(3));

        awaitEffects(3);
        awaitEmpty();
        assertThat(effects(context())).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void poisonBecomesADeadLetterAtOnceAndSpoilsNothing(Door door) throws Exception {
        start(door);
        publish(good(1));
        publish(queues().getFirst(), POISON);
        publish(good(2));

        awaitEffects(2);
        GetResponse letter = awaitDeadLetter(queues().getFirst());
        assertThat(letter.getBody()).isEqualTo(POISON);
        assertStory(letter, queues().getFirst(), 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatKeepsFailingBecomesADeadLetterAfterItsRetries(Door door) throws Exception {
        start(door);
        QueueEvent failing = failing();
        QueueName queue = QueueCodec.queueOf(failing.getClass());
        long published = System.nanoTime();
        publish(failing);

        GetResponse letter = awaitDeadLetter(queue);
        long delays = QuickTopology.RETRY_DELAYS_MS.stream()
                .mapToLong(Long::longValue)
                .sum();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - published))
                .isGreaterThanOrEqualTo(delays / 2 - 50);
        assertThat(letter.getBody())
                .isEqualTo(context().getBean(QueueCodec.class).encode(failing));
        assertStory(letter, queue, QuickTopology.RETRY_DELAYS_MS.size() + 1);
    }

    private static void assertStory(GetResponse letter, QueueName origin, int attempts) {
        Map<String, String> headers = new HashMap<>();
        letter.getProps().getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
        assertThat(headers)
                .containsEntry(FunctionRunner.ORIGIN, origin.brokerName())
                .containsEntry(FunctionRunner.ATTEMPT, Integer.toString(attempts))
                .containsKey(FunctionRunner.REASON)
                .doesNotContainKey("x-death");
        assertThat(Instant.parse(headers.get(FunctionRunner.FAILED_AT)))
                .isBefore(Instant.now().plusSeconds(1));
    }

    private void start(Door kind) throws Exception {
        TestRabbit.shared().clear(QuickTopology.create());
        TestRedis.shared().clear();
        Map<String, Object> all = new HashMap<>(properties());
        all.put("rabbitmq.uri", TestRabbit.shared().uri());
        all.put("redis.uri", TestRedis.shared().uri());
        all.put("mongodb.uri", TestMongo.shared().newDatabase());
        all.put(QuickTopology.PROPERTY, true);
        all.put("parley.function.consume", kind.consumes());
        ApplicationContext started = ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments(FunctionProcess.ENVIRONMENT, "test")
                .properties(all)
                .start();
        context = started;
        prepare(started);
        door = kind.open(started, queues());
    }

    private ApplicationContext context() {
        return Objects.requireNonNull(context, "not started");
    }

    private void publish(QueueEvent... events) throws Exception {
        QueueCodec codec = context().getBean(QueueCodec.class);
        for (QueueEvent event : events) {
            publish(QueueCodec.queueOf(event.getClass()), codec.encode(event));
        }
    }

    private void publish(QueueName queue, byte[]... bodies) throws Exception {
        QueuePublisher publisher = context().getBean(QueuePublisher.class);
        CompletableFuture.allOf(Arrays.stream(bodies)
                        .map(body -> publisher
                                .publish(Publication.to(queue, body, 0))
                                .toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .get(10, TimeUnit.SECONDS);
    }

    private void awaitEffects(int count) throws Exception {
        Await.until("%d effects".formatted(count), () -> effects(context()) == count);
    }

    private void awaitEmpty() throws Exception {
        try (Connection connection = TestRabbit.shared().connect();
                Channel channel = connection.createChannel()) {
            Await.until("the queues are empty", () -> {
                for (QueueName queue : queues()) {
                    if (channel.messageCount(queue.brokerName()) > 0) {
                        return false;
                    }
                }
                return true;
            });
        }
    }

    private static GetResponse awaitDeadLetter(QueueName queue) throws Exception {
        List<GetResponse> found = new ArrayList<>();
        try (Connection connection = TestRabbit.shared().connect();
                Channel channel = connection.createChannel()) {
            Await.until("a dead letter of " + queue.brokerName(), () -> {
                GetResponse next = channel.basicGet("dlq-" + queue.brokerName(), true);
                if (next != null) {
                    found.add(next);
                }
                return !found.isEmpty();
            });
        }
        return found.getFirst();
    }
}
