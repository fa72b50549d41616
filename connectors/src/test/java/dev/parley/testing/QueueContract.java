package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.connect.ServerAwayException;
import dev.parley.queue.Address;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.DeadLetters.Letter;
import dev.parley.queue.Delivery;
import dev.parley.queue.Publication;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueConsumer.BatchHandler;
import dev.parley.queue.QueueConsumer.Subscription;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every implementation of the queue port does. Each test finds the queues of {@link QuickTopology} empty. */
public abstract class QueueContract {

    protected static final QueueName QUEUE = QueueName.MESSAGE_PERSIST;
    private static final QueueConsumer.Options TEN = new QueueConsumer.Options(10, Duration.ofMillis(20));
    private static final QueueConsumer.Options ONE = new QueueConsumer.Options(1, Duration.ofMillis(1));

    private final List<Subscription> subscriptions = new ArrayList<>();

    protected abstract QueuePublisher publisher();

    protected abstract QueueConsumer consumer();

    /** Takes the dead letters of the queue out. */
    protected abstract List<Delivery> takeDeadLetters(QueueName queue) throws Exception;

    protected abstract DeadLetters deadLetters();

    protected abstract QueueDepth depth();

    protected boolean hasPriorities() {
        return true;
    }

    /** Whether a queue takes not one message more than its bound. */
    protected boolean refusesAtOnceWhenFull() {
        return true;
    }

    /** Whether what comes back from a retry queue waits there while its queue is full. */
    protected boolean keepsRetriesOfAFullQueue() {
        return true;
    }

    @AfterEach
    void closeSubscriptions() {
        subscriptions.forEach(Subscription::close);
    }

    @Test
    void whatIsConfirmedIsDelivered() throws Exception {
        publish(new Publication(
                new Address.Main(QUEUE),
                "hello".getBytes(StandardCharsets.UTF_8),
                5,
                Map.of("text", "a", "number", 7L)));

        Delivery delivery = consume(QUEUE, 1).getFirst();
        assertThat(text(delivery)).isEqualTo("hello");
        assertThat(delivery.queue()).isEqualTo(QUEUE);
        assertThat(delivery.priority()).isEqualTo(5);
        assertThat(delivery.headers()).isEqualTo(Map.of("text", "a", "number", 7L));
        assertThat(delivery.redelivered()).isFalse();
    }

    @Test
    void publicationsOfOnePriorityKeepTheirOrder() throws Exception {
        List<String> numbers =
                IntStream.range(0, 500).mapToObj(Integer::toString).toList();
        publishAll(QUEUE, 5, numbers);

        assertThat(texts(consume(QUEUE, 500))).isEqualTo(numbers);
    }

    @Test
    void aHigherPriorityOvertakes() throws Exception {
        assumeTrue(hasPriorities(), "these queues have no priorities");
        publishAll(QUEUE, 1, List.of("system"));
        publishAll(QUEUE, 5, List.of("group"));
        publishAll(QUEUE, 10, List.of("direct"));

        assertThat(texts(consume(QUEUE, 3))).containsExactly("direct", "group", "system");
    }

    @Test
    void noBatchIsLargerThanAskedForAndNoTwoRunAtOnce() throws Exception {
        publishAll(QUEUE, 0, IntStream.range(0, 35).mapToObj(Integer::toString).toList());

        List<Integer> sizes = new CopyOnWriteArrayList<>();
        AtomicInteger atWork = new AtomicInteger();
        List<Integer> most = new CopyOnWriteArrayList<>();
        start(QUEUE, TEN, batch -> {
            most.add(atWork.incrementAndGet());
            sizes.add(batch.size());
            atWork.decrementAndGet();
        });
        Await.until("all are handled", () -> sizes.stream().mapToInt(i -> i).sum() == 35);

        assertThat(sizes).allMatch(size -> size >= 1 && size <= 10);
        assertThat(most).containsOnly(1);
    }

    @Test
    void theDepthIsWhatNobodyHasTaken() throws Exception {
        assertThat(depth().waiting(QUEUE)).isZero();
        publishAll(QUEUE, 0, List.of("one", "two", "three"));
        Await.until("three wait", () -> depth().waiting(QUEUE) == 3);

        assertThat(consume(QUEUE, 3)).hasSize(3);
        Await.until("none waits", () -> depth().waiting(QUEUE) == 0);
    }

    @Test
    void whatGrowsTooOldBecomesADeadLetter() throws Exception {
        publishAll(QuickTopology.EXPIRING, 0, List.of("old"));

        assertThat(texts(awaitDeadLetters(QuickTopology.EXPIRING, 1))).containsExactly("old");
    }

    @Test
    void aRetryComesBackAfterItsDelayWithItsHeadersAndPriority() throws Exception {
        long published = System.nanoTime();
        publish(new Publication(
                new Address.Retry(QUEUE, 2), "again".getBytes(StandardCharsets.UTF_8), 7, Map.of("attempt", 2L)));

        Delivery delivery = consume(QUEUE, 1).getFirst();
        long delay = QuickTopology.RETRY_DELAYS_MS.get(1);
        assertThat(Duration.ofNanos(System.nanoTime() - published)).isGreaterThan(Duration.ofMillis(delay - 50));
        assertThat(text(delivery)).isEqualTo("again");
        assertThat(delivery.queue()).isEqualTo(QUEUE);
        assertThat(delivery.priority()).isEqualTo(7);
        assertThat(delivery.headers()).containsEntry("attempt", 2L);
        assertThat(delivery.headers().values()).allMatch(value -> value instanceof String || value instanceof Long);
    }

    @Test
    void aRetryWaitsForItsShareOfTheDelay() throws Exception {
        long published = System.nanoTime();
        publish(new Publication(
                new Address.Retry(QUEUE, 3, 0.5), "again".getBytes(StandardCharsets.UTF_8), 0, Map.of()));

        assertThat(texts(consume(QUEUE, 1))).containsExactly("again");
        long delay = QuickTopology.RETRY_DELAYS_MS.get(2);
        assertThat(Duration.ofNanos(System.nanoTime() - published))
                .isGreaterThan(Duration.ofMillis(delay / 2 - 50))
                .isLessThan(Duration.ofMillis(delay));
    }

    @Test
    void aRetryThatFindsItsQueueFullIsNotLost() throws Exception {
        assumeTrue(keepsRetriesOfAFullQueue(), "classic queues drop what is dead-lettered to a full queue");
        publish(new Publication(
                new Address.Retry(QuickTopology.SHORT, 1), "again".getBytes(StandardCharsets.UTF_8), 0, Map.of()));
        List<String> numbers = IntStream.range(0, (int) QuickTopology.SHORT_LENGTH)
                .mapToObj(Integer::toString)
                .toList();
        publishAll(QuickTopology.SHORT, 0, numbers);
        // Published after it and due later: when this one is back, the first has been due before.
        publish(new Publication(new Address.Retry(QUEUE, 3), "later".getBytes(StandardCharsets.UTF_8), 0, Map.of()));
        assertThat(texts(consume(QUEUE, 1))).containsExactly("later");

        List<String> handled = new CopyOnWriteArrayList<>();
        start(QuickTopology.SHORT, TEN, batch -> handled.addAll(texts(batch)));
        Await.until("it comes when there is room", () -> handled.contains("again"));
        assertThat(handled).containsAll(numbers);
    }

    @Test
    void aLongDelayDoesNotHoldUpAShortOne() throws Exception {
        publish(new Publication(new Address.Retry(QUEUE, 3), "long".getBytes(StandardCharsets.UTF_8), 0, Map.of()));
        publish(new Publication(new Address.Retry(QUEUE, 1), "short".getBytes(StandardCharsets.UTF_8), 0, Map.of()));

        assertThat(texts(consume(QUEUE, 2))).containsExactly("short", "long");
    }

    @Test
    void aDeadLetterStaysWithItsHeaders() throws Exception {
        publish(new Publication(
                new Address.DeadLetter(QUEUE), "bad".getBytes(StandardCharsets.UTF_8), 0, Map.of("reason", "because")));

        Delivery deadLetter = awaitDeadLetters(QUEUE, 1).getFirst();
        assertThat(text(deadLetter)).isEqualTo("bad");
        assertThat(deadLetter.headers()).containsEntry("reason", "because");
    }

    @Test
    void aFullQueueRefuses() throws Exception {
        publishAll(
                QuickTopology.SHORT,
                0,
                IntStream.range(0, (int) QuickTopology.SHORT_LENGTH)
                        .mapToObj(Integer::toString)
                        .toList());

        // A quorum queue takes a few more before it notices.
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        publishAll(QuickTopology.SHORT, 0, List.of("too many"));
                    }
                })
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(PublishException.class);
    }

    @Test
    void aBatchThatThrewComesAgainAndIsMarkedAsRedelivered() throws Exception {
        publishAll(QUEUE, 0, List.of("a", "b", "c"));

        List<Delivery> first = new CopyOnWriteArrayList<>();
        List<Delivery> second = new CopyOnWriteArrayList<>();
        start(QUEUE, TEN, batch -> {
            if (first.isEmpty()) {
                first.addAll(batch);
                throw new IllegalStateException("on purpose");
            }
            second.addAll(batch);
        });
        Await.until("all are handled", () -> second.size() == 3);

        assertThat(texts(second)).containsExactly("a", "b", "c");
        assertThat(second.getFirst().redelivered()).isTrue();
    }

    @Test
    void evenAnErrorDoesNotEndTheConsumer() throws Exception {
        publishAll(QUEUE, 0, List.of("a"));

        AtomicInteger tries = new AtomicInteger();
        start(QUEUE, TEN, batch -> {
            if (tries.incrementAndGet() == 1) {
                throw new StackOverflowError("on purpose");
            }
        });
        Await.until("it comes again", () -> tries.get() == 2);
    }

    @Test
    void whatWasAcknowledgedDoesNotComeAgain() throws Exception {
        publishAll(QUEUE, 0, List.of("a", "b"));
        assertThat(consume(QUEUE, 2)).hasSize(2);
        publishAll(QUEUE, 0, List.of("c"));

        assertThat(texts(consume(QUEUE, 1))).containsExactly("c");
    }

    @Test
    void closingWaitsForTheBatchAtWorkAndGivesTheRestBack() throws Exception {
        publishAll(QUEUE, 0, List.of("a", "b", "c"));

        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Delivery> handled = new CopyOnWriteArrayList<>();
        Subscription subscription = consumer().consume(QUEUE, ONE, batch -> {
            atWork.countDown();
            goOn.await();
            handled.addAll(batch);
        });
        assertThat(atWork.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(subscription.isConsuming()).isTrue();
        Thread closing = Thread.ofPlatform().start(subscription::close);
        Await.until("close waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
        goOn.countDown();
        assertThat(closing.join(Duration.ofSeconds(10))).isTrue();

        assertThat(texts(handled)).containsExactly("a");
        assertThat(texts(consume(QUEUE, 2))).containsExactly("b", "c");
    }

    @Test
    void publishersMayBeMany() throws Exception {
        List<CompletableFuture<Void>> all = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String name = "t" + t;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 250; i++) {
                    all.add(send(QUEUE, 0, name + ":" + i));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);

        List<String> texts = texts(consume(QUEUE, 1000));
        for (int t = 0; t < 4; t++) {
            String name = "t" + t;
            assertThat(texts.stream().filter(text -> text.startsWith(name + ":")))
                    .isEqualTo(IntStream.range(0, 250)
                            .mapToObj(i -> name + ":" + i)
                            .toList());
        }
    }

    @Test
    void aDeadLetterTellsItsStory() throws Exception {
        publishDead(
                "{\"bad\":1}",
                3,
                Map.of(
                        DeadLetters.REASON, "because",
                        DeadLetters.ATTEMPT, 4L,
                        DeadLetters.ORIGIN, "message-persist",
                        DeadLetters.FAILED_AT, "2026-01-02T03:04:05Z"));

        Letter letter = deadLetters().list(QUEUE, 10).getFirst();
        assertThat(letter)
                .isEqualTo(new Letter(
                        "97893c9efdcc87bf13082f13",
                        QUEUE,
                        "because",
                        4,
                        "message-persist",
                        "2026-01-02T03:04:05Z",
                        3,
                        "{\"bad\":1}",
                        9));
        assertThat(deadLetters().find(QUEUE, letter.id())).contains(letter);
        assertThat(deadLetters().find(QUEUE, "0123456789abcdef01234567")).isEmpty();
        assertThat(deadLetters().counts()).containsEntry(QUEUE, 1L).containsEntry(QuickTopology.SHORT, 0L);
    }

    @Test
    void whatExpiredSaysSo() throws Exception {
        publishAll(QuickTopology.EXPIRING, 0, List.of("old"));
        Await.until(
                "it is a dead letter",
                () -> !deadLetters().list(QuickTopology.EXPIRING, 10).isEmpty());

        Letter letter = deadLetters().list(QuickTopology.EXPIRING, 10).getFirst();
        assertThat(letter.reason()).isEqualTo("expired");
        assertThat(letter.attempts()).isZero();
        assertThat(letter.origin()).isEqualTo(QuickTopology.EXPIRING.brokerName());
        assertThat(Instant.parse(letter.failedAt()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
    }

    @Test
    void lookingAtDeadLettersIsBoundedAndChangesNothing() throws Exception {
        for (int i = 0; i < 5; i++) {
            publishDead("letter " + i, 0, Map.of());
        }
        publishDead("x".repeat(20_000), 0, Map.of());

        assertThat(bodies(deadLetters().list(QUEUE, 3))).containsExactly("letter 0", "letter 1", "letter 2");
        Letter last = deadLetters().list(QUEUE, 100).getLast();
        assertThat(last.body()).hasSize(Letter.MAX_BODY);
        assertThat(last.bodyBytes()).isEqualTo(20_000);
        assertThat(bodies(deadLetters().list(QUEUE, 3))).containsExactly("letter 0", "letter 1", "letter 2");
        Await.until(
                "all are there",
                () -> Long.valueOf(6).equals(deadLetters().counts().get(QUEUE)));
    }

    @Test
    void aReplayedLetterIsANewMessageAndNoLetterAnyMore() throws Exception {
        publishDead("before", 0, Map.of());
        publishDead("again", 7, Map.of(DeadLetters.REASON, "because", DeadLetters.ATTEMPT, 4L, "kept", "yes"));
        publishDead("after", 0, Map.of());
        String id = Letter.idOf("again".getBytes(StandardCharsets.UTF_8));

        assertThat(deadLetters().replay(QUEUE, id)).isTrue();
        assertThat(deadLetters().replay(QUEUE, id)).isFalse();
        Delivery delivery = consume(QUEUE, 1).getFirst();
        assertThat(text(delivery)).isEqualTo("again");
        assertThat(delivery.priority()).isEqualTo(7);
        assertThat(delivery.headers()).isEqualTo(Map.of("kept", "yes"));
        assertThat(bodies(deadLetters().list(QUEUE, 10))).containsExactly("before", "after");
    }

    @Test
    void aLetterWhoseQueueIsFullStays() throws Exception {
        publishAll(
                QuickTopology.SHORT,
                0,
                IntStream.range(0, (int) QuickTopology.SHORT_LENGTH)
                        .mapToObj(Integer::toString)
                        .toList());
        byte[] body = "stays".getBytes(StandardCharsets.UTF_8);
        publish(new Publication(new Address.DeadLetter(QuickTopology.SHORT), body, 0, Map.of()));
        assumeTrue(refusesAtOnceWhenFull(), "these queues take a few more than their bound");

        assertThatThrownBy(() -> deadLetters().replay(QuickTopology.SHORT, Letter.idOf(body)))
                .isInstanceOf(ServerAwayException.class);
        assertThatThrownBy(() -> deadLetters().replayAll(QuickTopology.SHORT)).isInstanceOf(ServerAwayException.class);
        assertThat(bodies(deadLetters().list(QuickTopology.SHORT, 10))).containsExactly("stays");
    }

    @Test
    void allLettersAreReplayed() throws Exception {
        List<String> texts =
                IntStream.range(0, 450).mapToObj(i -> "letter " + i).toList();
        CompletableFuture.allOf(texts.stream()
                        .map(text -> publisher().publish(dead(text, 0, Map.of(DeadLetters.ATTEMPT, 4L))))
                        .map(stage -> stage.toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .get(10, TimeUnit.SECONDS);

        assertThat(deadLetters().replayAll(QUEUE)).isEqualTo(450);
        // A quorum queue takes a moment to forget what was acknowledged.
        Await.until("they are gone", () -> deadLetters().list(QUEUE, 10).isEmpty());
        assertThat(deadLetters().replayAll(QUEUE)).isZero();
        assertThat(texts(consume(QUEUE, 450))).isEqualTo(texts);
        assertThat(deadLetters().list(QUEUE, 10)).isEmpty();
    }

    @Test
    void droppedLettersAreGone() throws Exception {
        for (String text : List.of("a", "b", "c")) {
            publishDead(text, 0, Map.of());
        }
        String id = Letter.idOf("b".getBytes(StandardCharsets.UTF_8));

        assertThat(deadLetters().drop(QUEUE, id)).isTrue();
        assertThat(deadLetters().drop(QUEUE, id)).isFalse();
        assertThat(bodies(deadLetters().list(QUEUE, 10))).containsExactly("a", "c");
        assertThat(deadLetters().dropAll(QUEUE)).isEqualTo(2);
        assertThat(deadLetters().dropAll(QUEUE)).isZero();
        assertThat(deadLetters().list(QUEUE, 10)).isEmpty();
    }

    private void publishDead(String text, int priority, Map<String, Object> headers) throws Exception {
        publish(dead(text, priority, headers));
    }

    private static Publication dead(String text, int priority, Map<String, Object> headers) {
        return new Publication(new Address.DeadLetter(QUEUE), text.getBytes(StandardCharsets.UTF_8), priority, headers);
    }

    private static List<String> bodies(List<Letter> letters) {
        return letters.stream().map(Letter::body).toList();
    }

    // The vocabulary of these tests.

    protected final void publish(Publication publication) throws Exception {
        publisher().publish(publication).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    protected final CompletableFuture<Void> send(QueueName queue, int priority, String text) {
        return publisher()
                .publish(Publication.to(queue, text.getBytes(StandardCharsets.UTF_8), priority))
                .toCompletableFuture();
    }

    protected final void publishAll(QueueName queue, int priority, List<String> texts) throws Exception {
        CompletableFuture.allOf(
                        texts.stream().map(text -> send(queue, priority, text)).toArray(CompletableFuture[]::new))
                .get(10, TimeUnit.SECONDS);
    }

    /** Consumes until {@code count} have come, and not more than came with them. */
    protected final List<Delivery> consume(QueueName queue, int count) throws Exception {
        List<Delivery> deliveries = new CopyOnWriteArrayList<>();
        try (Subscription subscription = consumer().consume(queue, TEN, deliveries::addAll)) {
            Await.until("%d deliveries from %s".formatted(count, queue.brokerName()), () -> deliveries.size() >= count);
        }
        assertThat(deliveries).hasSize(count);
        return List.copyOf(deliveries);
    }

    /** Consumes until the end of the test. */
    protected final void start(QueueName queue, QueueConsumer.Options options, BatchHandler handler) {
        subscriptions.add(consumer().consume(queue, options, handler));
    }

    protected final List<Delivery> awaitDeadLetters(QueueName queue, int count) throws Exception {
        List<Delivery> found = new ArrayList<>();
        Await.until("%d dead letters of %s".formatted(count, queue.brokerName()), () -> {
            found.addAll(takeDeadLetters(queue));
            return found.size() >= count;
        });
        return found;
    }

    protected static String text(Delivery delivery) {
        return new String(delivery.body(), StandardCharsets.UTF_8);
    }

    protected static List<String> texts(List<Delivery> deliveries) {
        return deliveries.stream().map(QueueContract::text).toList();
    }
}
