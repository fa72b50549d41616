package dev.parley.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.connect.ServerAwayException;
import dev.parley.queue.Address;
import dev.parley.queue.Delivery;
import dev.parley.queue.Publication;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.queue.Topology;
import dev.parley.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FunctionRunnerTest {

    private static final long SEED = 7;
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final QueueCodec codec = new QueueCodec(Json.standalone());
    private final List<Publication> published = new ArrayList<>();
    private QueuePublisher publisher = publication -> {
        published.add(publication);
        return CompletableFuture.runAsync(() -> {}, Runnable::run);
    };

    @Test
    void whatIsDoneGoesNowhere() throws Exception {
        runner(events -> done(events.size())).run(List.of(delivery("a"), delivery("b")));

        assertThat(published).isEmpty();
    }

    @Test
    void aRetryGoesToTheNextDelayWithItsCount() throws Exception {
        FunctionRunner<EmailRequested> runner = runner(events -> List.of(new Outcome.Retry("busy")));
        runner.run(List.of(delivery("a")));
        runner.run(List.of(delivery("a", Map.of(FunctionRunner.ATTEMPT, 1L, "other", "kept"))));

        assertRetry(published.get(0), 1);
        assertThat(published.get(0).headers()).isEqualTo(Map.of(FunctionRunner.ATTEMPT, 1L));
        assertThat(published.get(0).priority()).isEqualTo(3);
        assertRetry(published.get(1), 2);
        assertThat(published.get(1).headers()).isEqualTo(Map.of(FunctionRunner.ATTEMPT, 2L, "other", "kept"));
    }

    @Test
    void whatWasPostponedComesBackSoonAndHasNotFailed() throws Exception {
        Outcome postponed = new Outcome.Postponed("the relay is away");
        Map<String, Object> lastTry = Map.of(
                FunctionRunner.ATTEMPT, (long) Topology.load().retryDelaysMs().size());
        runner(events -> List.of(new Outcome.Retry("broke off"), postponed, postponed))
                .run(List.of(delivery("a"), delivery("b"), delivery("c", lastTry)));

        for (Publication again : published) {
            assertRetry(again, 1);
        }
        assertThat(published)
                .extracting(Publication::headers)
                .containsExactly(Map.of(FunctionRunner.ATTEMPT, 1L), Map.of(), lastTry);
    }

    @Test
    void whatFailedTogetherComesBackSpreadOverHalfTheDelay() throws Exception {
        List<Delivery> batch = IntStream.range(0, 200)
                .mapToObj(i -> delivery(Integer.toString(i)))
                .toList();
        runner(events -> java.util.Collections.nCopies(events.size(), new Outcome.Retry("busy")))
                .run(batch);

        double[] shares = published.stream()
                .mapToDouble(retry -> ((Address.Retry) retry.address()).share())
                .toArray();
        // A queue lets nobody overtake: in rising order each comes back in its own time.
        assertThat(shares).hasSize(200).isSorted();
        for (int tenth = 0; tenth < 10; tenth++) {
            double from = 0.5 + tenth * 0.05;
            assertThat(java.util.Arrays.stream(shares).filter(share -> share >= from && share < from + 0.05))
                    .hasSizeBetween(5, 40);
        }
    }

    @Test
    void afterTheLastRetryComesTheDeadLetterWithItsStory() throws Exception {
        long retries = Topology.load().retryDelaysMs().size();
        runner(events -> List.of(new Outcome.Retry("busy")))
                .run(List.of(delivery("a", Map.of(FunctionRunner.ATTEMPT, retries))));

        Publication letter = published.getFirst();
        assertThat(letter.address()).isEqualTo(new Address.DeadLetter(QueueName.EMAIL_SEND));
        assertThat(letter.headers())
                .isEqualTo(Map.of(
                        FunctionRunner.ATTEMPT,
                        retries + 1,
                        FunctionRunner.REASON,
                        "busy",
                        FunctionRunner.ORIGIN,
                        "email-send",
                        FunctionRunner.FAILED_AT,
                        NOW.toString()));
    }

    @Test
    void whatCannotBeReadIsADeadLetterAndSpoilsNothing() throws Exception {
        List<String> handled = new ArrayList<>();
        runner(events -> {
                    events.forEach(event -> handled.add(event.notificationId()));
                    return done(events.size());
                })
                .run(List.of(raw("{"), delivery("a"), raw("null"), raw("{\"to\":1}")));

        assertThat(handled).containsExactly("a");
        assertThat(published)
                .hasSize(3)
                .allSatisfy(letter -> assertThat(letter.address()).isInstanceOf(Address.DeadLetter.class))
                .allSatisfy(letter -> assertThat(letter.headers()).containsEntry(FunctionRunner.REASON, "unreadable"));
    }

    @Test
    void whileAServerIsAwayNothingIsRouted() {
        FunctionRunner<EmailRequested> runner = runner(events -> {
            throw new ServerAwayException("it", new IOException("gone"));
        });
        // The batch comes again and again; its poison must not become a dead letter each time.
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> runner.run(List.of(raw("{"), delivery("a"))))
                    .isInstanceOf(ServerAwayException.class);
        }
        assertThat(published).isEmpty();
    }

    @Test
    void oneEventThatThrowsPaysAlone() throws Exception {
        List<String> handled = new ArrayList<>();
        runner(events -> {
                    for (EmailRequested event : events) {
                        if (event.notificationId().equals("bad")) {
                            throw new IllegalArgumentException("on purpose");
                        }
                    }
                    events.forEach(event -> handled.add(event.notificationId()));
                    return done(events.size());
                })
                .run(List.of(delivery("a"), delivery("bad"), delivery("b")));

        assertThat(handled).containsExactly("a", "b");
        assertThat(published)
                .singleElement()
                .satisfies(retry -> assertThat(retry.address()).isInstanceOf(Address.Retry.class));
    }

    @Test
    void aFunctionThatForgetsAnOutcomeLosesNothing() throws Exception {
        runner(events -> List.of()).run(List.of(delivery("a"), delivery("b")));

        assertThat(published)
                .hasSize(2)
                .allSatisfy(retry -> assertThat(retry.address()).isInstanceOf(Address.Retry.class));
    }

    @Test
    void whatCannotBeRoutedIsNotAcknowledged() {
        publisher = publication -> CompletableFuture.failedFuture(new PublishException("refused"));

        assertThatThrownBy(() ->
                        runner(events -> List.of(new Outcome.Poison("bad"))).run(List.of(delivery("a"))))
                .isInstanceOf(ServerAwayException.class);
    }

    private FunctionRunner<EmailRequested> runner(Function<List<EmailRequested>, List<Outcome>> core) {
        BatchFunction<EmailRequested> function = new BatchFunction<>() {
            @Override
            public Class<EmailRequested> eventType() {
                return EmailRequested.class;
            }

            @Override
            public List<Outcome> handle(List<EmailRequested> batch) {
                return core.apply(batch);
            }
        };
        return new FunctionRunner<>(
                function,
                codec,
                publication -> publisher.publish(publication),
                Topology.load(),
                Clock.fixed(NOW, ZoneOffset.UTC),
                new SplittableRandom(SEED));
    }

    private static void assertRetry(Publication published, int attempt) {
        Address.Retry retry = (Address.Retry) published.address();
        assertThat(retry.queue()).isEqualTo(QueueName.EMAIL_SEND);
        assertThat(retry.attempt()).isEqualTo(attempt);
        assertThat(retry.share()).isBetween(0.5, 1.0);
    }

    private static List<Outcome> done(int count) {
        return java.util.Collections.nCopies(count, Outcome.DONE);
    }

    private Delivery delivery(String id) {
        return delivery(id, Map.of());
    }

    private Delivery delivery(String id, Map<String, Object> headers) {
        byte[] body = codec.encode(new EmailRequested(id, "ada@example.org", "subject", "text"));
        return new Delivery(QueueName.EMAIL_SEND, body, 3, new HashMap<>(headers), false);
    }

    private static Delivery raw(String body) {
        return new Delivery(QueueName.EMAIL_SEND, body.getBytes(StandardCharsets.UTF_8), 3, Map.of(), false);
    }
}
