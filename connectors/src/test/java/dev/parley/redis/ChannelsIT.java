package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.wire.RoomEvent;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a listener is told when subscriptions are cut. Each test has a server of its own. */
class ChannelsIT {

    private static final String CHANNEL = "chat:{a}";

    private final TestRedis server = TestRedis.own();
    private final ApplicationContext context = ApplicationContext.run(Map.of("redis.uri", server.uri()));
    private final Channels channels = context.getBean(Channels.class);
    private final Heard heard = new Heard();

    @AfterEach
    void end() {
        context.close();
        server.kill();
    }

    private void subscribe(String channel) throws Exception {
        channels.listen(heard);
        channels.subscribe(channel);
        awaitLast("restored");
    }

    private void awaitLast(String what) throws Exception {
        Await.until("the channel's last is " + what, () -> heard.last(CHANNEL).equals(what));
    }

    private long publish(String name) throws Exception {
        RoomEvent event = new RoomEvent(name, 0, "{}".getBytes(StandardCharsets.UTF_8));
        return channels.publish(CHANNEL, event).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** As soon as Redis takes it. */
    private void publishAtLast(String name) throws Exception {
        Await.until("publishing works", () -> {
            try {
                return publish(name) == 1;
            } catch (java.util.concurrent.ExecutionException away) {
                return false;
            }
        });
    }

    @Test
    void aCutConnectionInterruptsAndRestoresEveryChannelOnce() throws Exception {
        List<String> others = IntStream.range(0, 10_000)
                .mapToObj(i -> "chat:{other-" + i + "}")
                .toList();
        subscribe(CHANNEL);
        others.forEach(channels::subscribe);
        Await.until(
                "all are subscribed",
                () -> others.stream().allMatch(other -> heard.last(other).equals("restored")));
        publish("before");
        awaitLast("before");

        assertThat(server.killSubscribers()).isEqualTo(1);
        Await.until(
                "the channel is restored",
                () -> heard.of(CHANNEL).contains("interrupted")
                        && heard.last(CHANNEL).equals("restored"));
        publish("after");
        awaitLast("after");
        Await.until(
                "all are restored",
                () -> others.stream()
                        .allMatch(other -> heard.of(other).equals(List.of("restored", "interrupted", "restored"))));
        assertThat(heard.of(CHANNEL)).containsExactly("restored", "before", "interrupted", "restored", "after");
    }

    @Test
    void aServerThatDiesInterruptsAtOnceAndRestoresWhenItIsBack() throws Exception {
        subscribe(CHANNEL);
        server.kill();
        awaitLast("interrupted");
        server.restart();
        awaitLast("restored");
        publishAtLast("after");
        awaitLast("after");
        assertThat(heard.of(CHANNEL)).containsExactly("restored", "interrupted", "restored", "after");
    }

    @Test
    void aServerThatDoesNotAnswerIsNoticedWithoutTraffic() throws Exception {
        subscribe(CHANNEL);
        server.pause();
        awaitLast("interrupted");
        server.resume();
        awaitLast("restored");
        publishAtLast("after");
        awaitLast("after");
        assertThat(heard.of(CHANNEL)).containsExactly("restored", "interrupted", "restored", "after");
    }

    @Test
    void aShortPauseLosesNothingAndIsNoInterruption() throws Exception {
        subscribe(CHANNEL);
        server.pause();
        var published = channels.publish(CHANNEL, new RoomEvent("during", 0, new byte[0]));
        server.resume();
        published.toCompletableFuture().get(10, TimeUnit.SECONDS);
        awaitLast("during");
        assertThat(heard.of(CHANNEL)).containsExactly("restored", "during");
    }

    @Test
    void whatNobodyWantsAnyMoreIsNotHeardAndCanBeWantedAgain() throws Exception {
        subscribe(CHANNEL);
        channels.unsubscribe(CHANNEL);
        Await.until("nobody receives", () -> publish("unheard") == 0);
        channels.subscribe(CHANNEL);
        Await.until("it is subscribed again", () -> publish("heard") == 1);
        awaitLast("heard");
        for (int i = 0; i < 100; i++) {
            channels.unsubscribe(CHANNEL);
            channels.subscribe(CHANNEL);
        }
        Await.until(
                "it is heard again",
                () -> publish("end") >= 0 && heard.last(CHANNEL).equals("end"));
        assertThat(heard.of(CHANNEL).getFirst()).isEqualTo("restored");
        assertThat(heard.of(CHANNEL)).doesNotContain("interrupted");
    }

    @Test
    void whatIsWantedWhileRedisIsAwayIsSubscribedWhenItComes() throws Exception {
        server.kill();
        Duration shortly = Duration.ofMillis(1);
        try (ApplicationContext late = ApplicationContext.run(Map.of("redis.uri", server.uri()))) {
            Channels lateChannels = late.getBean(Channels.class);
            assertThat(late.getBean(RedisLink.class).awaitConnection(shortly)).isFalse();
            lateChannels.listen(heard);
            lateChannels.subscribe(CHANNEL);
            server.restart();
            awaitLast("restored");
        }
    }
}
