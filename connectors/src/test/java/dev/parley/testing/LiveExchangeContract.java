package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.queue.LiveExchange;
import dev.parley.queue.LiveExchange.Listening;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every implementation of the live exchange does, with the bounds of {@link QuickTopology}. */
public abstract class LiveExchangeContract {

    private final List<Listening> open = new ArrayList<>();

    protected abstract LiveExchange exchange();

    @AfterEach
    void closeListening() {
        open.forEach(Listening::close);
    }

    @Test
    void everyInstanceThatAddedTheChannelHearsAnEvent() throws Exception {
        Heard one = listen("chat:a", "chat:b");
        Heard other = listen("chat:a");
        publish("chat:a", "first");
        publish("chat:b", "second");
        publish("chat:a", "third");

        one.awaitEvents("chat:a first", "chat:b second", "chat:a third");
        other.awaitEvents("chat:a first", "chat:a third");
    }

    @Test
    void thePartsOfAnEventArriveAsTheyWere() throws Exception {
        String channel = "chat:{ä€😀}";
        Heard heard = listen(channel);
        publish(channel, "line\nline\n ü");
        publish(channel, "");

        heard.awaitEvents(channel + " line\nline\n ü", channel + " ");
    }

    @Test
    void nobodyListeningIsNoFailure() throws Exception {
        publish("chat:nobody", "lost");

        Heard heard = listen("chat:nobody");
        publish("chat:nobody", "heard");
        heard.awaitEvents("chat:nobody heard");
    }

    @Test
    void channelsThatShareABucketAreToldApart() throws Exception {
        var live = QuickTopology.create().live();
        String wanted = "chat:wanted";
        String neighbour = IntStream.range(0, 1_000_000)
                .mapToObj(i -> "chat:" + i)
                .filter(name -> live.bucket(name) == live.bucket(wanted))
                .findFirst()
                .orElseThrow();
        Heard heard = listen(wanted);
        publish(neighbour, "of somebody else");
        publish(wanted, "of mine");

        heard.awaitEvents(wanted + " of mine");
    }

    @Test
    void aChannelIsHeardUntilItIsRemovedAsOftenAsItWasAdded() throws Exception {
        Heard heard = listen("chat:a", "chat:end");
        heard.listening().add("chat:a");
        heard.listening().remove("chat:a");
        publish("chat:a", "wanted once");
        heard.awaitEvents("chat:a wanted once");
        heard.listening().remove("chat:a");
        publish("chat:a", "not wanted");
        publish("chat:end", "end");

        heard.awaitEvents("chat:a wanted once", "chat:end end");
    }

    @Test
    void whatWasRemovedCanBeAddedAgain() throws Exception {
        Heard heard = listen("chat:a");
        heard.listening().remove("chat:a");
        heard.add("chat:a");
        publish("chat:a", "back");

        heard.awaitEvents("chat:a back");
    }

    @Test
    void whatIsAddedBeforeItIsConnectedIsHeardToo() throws Exception {
        Heard heard = start("chat:a");
        Await.until("it is connected", () -> heard.restored.get() > 0);
        // Whether the first connect covered it or it was bound after it, a channel added later is bound later.
        heard.add("chat:b");
        publish("chat:a", "now");

        heard.awaitEvents("chat:a now");
    }

    @Test
    void eventsOfOnePublisherKeepTheirOrder() throws Exception {
        Heard heard = listen("chat:a");
        // Fewer than may wait, so that none is dropped.
        List<String> numbers = IntStream.range(0, QuickTopology.LIVE_LENGTH)
                .mapToObj(Integer::toString)
                .toList();
        CompletableFuture<?>[] published = numbers.stream()
                .map(number -> exchange().publish("chat:a", bytes(number)).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(published).get(10, TimeUnit.SECONDS);

        heard.awaitEvents(numbers.stream().map(number -> "chat:a " + number).toArray(String[]::new));
    }

    @Test
    void whatIsDroppedIsNotDroppedInSilence() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Heard slow = listen(goOn, "chat:a");
        int restored = slow.restored.get();
        // More than the buffers of a connection hold.
        byte[] event = new byte[20_000];
        for (int batch = 0; batch < 30; batch++) {
            CompletableFuture<?>[] published = IntStream.range(0, 100)
                    .mapToObj(i -> exchange().publish("chat:a", event).toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(published).get(10, TimeUnit.SECONDS);
        }
        goOn.countDown();

        Await.until(
                "it is told of the loss, and that it is over",
                () -> slow.interrupted.get() > 0 && slow.restored.get() > restored);
        publish("chat:a", "after");
        Await.until("it hears again", () -> slow.events.contains("chat:a after"));
        assertThat(slow.events.size()).isLessThan(3_001);
    }

    @Test
    void afterCloseNothingIsHeard() throws Exception {
        Heard closed = listen("chat:a");
        Heard other = listen("chat:a");
        closed.listening().close();
        publish("chat:a", "late");

        other.awaitEvents("chat:a late");
        assertThat(closed.events).isEmpty();
        assertThat(closed.interrupted.get()).isZero();
    }

    @Test
    void aListenerThatThrowsHearsOn() throws Exception {
        Heard heard = new Heard(new CountDownLatch(0)) {
            @Override
            public void received(String channel, byte[] event) {
                super.received(channel, event);
                throw new IllegalStateException("on purpose");
            }
        };
        var _ = heard.start();
        Await.until("it is connected", () -> heard.restored.get() > 0);
        heard.add("chat:a");
        publish("chat:a", "one");
        publish("chat:a", "two");

        heard.awaitEvents("chat:a one", "chat:a two");
    }

    // The vocabulary of these tests.

    /** A listener that may not be connected yet. */
    protected final Heard start(String... channels) {
        Heard heard = new Heard(new CountDownLatch(0));
        Listening listening = heard.start();
        for (String channel : channels) {
            listening.add(channel);
        }
        return heard;
    }

    /** A listener that hears all that is published from now on. */
    protected final Heard listen(String... channels) throws Exception {
        return listen(new CountDownLatch(0), channels);
    }

    private Heard listen(CountDownLatch goOn, String... channels) throws Exception {
        Heard heard = new Heard(goOn);
        var _ = heard.start();
        Await.until("it is connected", () -> heard.restored.get() > 0);
        for (String channel : channels) {
            heard.add(channel);
        }
        return heard;
    }

    protected final void publish(String channel, String event) throws Exception {
        exchange().publish(channel, bytes(event)).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** What a listener was told. */
    protected class Heard implements LiveExchange.Listener {

        /** Each as channel, space, event. */
        public final List<String> events = new CopyOnWriteArrayList<>();

        public final AtomicInteger interrupted = new AtomicInteger();
        public final AtomicInteger restored = new AtomicInteger();
        private final List<String> covered = new CopyOnWriteArrayList<>();
        private final CountDownLatch goOn;
        private final CompletableFuture<Listening> listening = new CompletableFuture<>();

        Heard(CountDownLatch goOn) {
            this.goOn = goOn;
        }

        Listening start() {
            Listening started = exchange().listen(this);
            open.add(started);
            var _ = listening.complete(started);
            return started;
        }

        public Listening listening() {
            return listening.join();
        }

        /** Adds the channel and waits until it is listened to. */
        public void add(String channel) throws Exception {
            long before = covered.stream().filter(channel::equals).count();
            listening().add(channel);
            Await.until(
                    "it listens to " + channel,
                    () -> covered.stream().filter(channel::equals).count() > before);
        }

        public void awaitEvents(String... expected) throws Exception {
            Await.until("%d events".formatted(expected.length), () -> events.size() >= expected.length);
            assertThat(events).containsExactly(expected);
        }

        @Override
        public void received(String channel, byte[] event) {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            events.add(channel + " " + text(event));
        }

        @Override
        public void interrupted() {
            interrupted.incrementAndGet();
        }

        @Override
        public void restored() {
            restored.incrementAndGet();
        }

        @Override
        public void listening(String channel) {
            covered.add(channel);
        }
    }
}
