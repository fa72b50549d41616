package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.RecentMessages.Appended.Placed;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedisCluster;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import dev.parley.wire.RoomEvent;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slots that move and nodes that die, under traffic. Each test has a cluster of its own. */
class ClusterIT {

    private final TestRedisCluster cluster = TestRedisCluster.start();
    private final ApplicationContext context = ApplicationContext.run(Map.of("redis.uris", cluster.uris()));
    private final Channels channels = context.getBean(Channels.class);
    private final RecentMessages recent = context.getBean(RecentMessages.class);
    private final RedisLink redis = context.getBean(RedisLink.class);
    private final Breakers breakers = context.getBean(Breakers.class);
    private final Heard heard = new Heard();
    private final ChatId chat = new ChatId(new ObjectId().toHexString());
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private final String channel = RedisKeys.chatChannel(chat);

    ClusterIT() throws Exception {
        assertThat(redis.awaitConnection(Duration.ofSeconds(10))).isTrue();
        channels.listen(heard);
    }

    @AfterEach
    void end() {
        context.close();
        cluster.close();
    }

    private void subscribe() throws Exception {
        channels.subscribe(channel);
        awaitLast("restored");
    }

    private void awaitLast(String what) throws Exception {
        Await.until(
                "the channel's last is " + what,
                Duration.ofSeconds(20),
                () -> heard.last(channel).equals(what));
    }

    /** As soon as the cluster takes it. */
    private void publish(String where, String name) throws Exception {
        Await.until("publishing works", Duration.ofSeconds(20), () -> {
            try {
                var published = channels.publish(where, new RoomEvent(name, 0, new byte[0]));
                return published.toCompletableFuture().get(10, TimeUnit.SECONDS) == 1;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(ServerAwayException.class);
                return false;
            }
        });
    }

    /** Sends again under the same name until it is taken, as a client does. */
    private ChatMessage append(ChatId where, String name) throws Exception {
        ChatMessage[] placed = new ChatMessage[1];
        Await.until("a message is taken", Duration.ofSeconds(20), () -> {
            MessageDraft draft = new MessageDraft(
                    new MessageId(new ObjectId().toHexString()),
                    where,
                    alice,
                    name,
                    MessageType.TEXT,
                    name,
                    Instant.now());
            try {
                Placed taken = (Placed) recent.append(draft, OptionalLong.of(0), true, "try")
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
                placed[0] = taken.message();
                return true;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(ServerAwayException.class);
                return false;
            }
        });
        return placed[0];
    }

    @Test
    void everySlotIsServed() throws Exception {
        List<ChatId> chats = Stream.generate(() -> new ChatId(new ObjectId().toHexString()))
                .limit(300)
                .toList();
        chats.forEach(one -> channels.subscribe(RedisKeys.chatChannel(one)));
        Await.until(
                "all are subscribed",
                () -> chats.stream()
                        .allMatch(one -> heard.last(RedisKeys.chatChannel(one)).equals("restored")));
        for (ChatId one : chats) {
            append(one, "m");
        }
        Await.until(
                "all are heard",
                () -> chats.stream()
                        .allMatch(one ->
                                heard.of(RedisKeys.chatChannel(one)).equals(List.of("restored", "new-message"))));
    }

    @Test
    void aSlotThatMovesInterruptsAndRestoresAtItsNewNode() throws Exception {
        subscribe();
        for (int move = 1; move <= 3; move++) {
            publish(channel, "before-" + move);
            awaitLast("before-" + move);
            cluster.moveSlot(channel);
            long restored = move + 1L;
            Await.until(
                    "it is restored",
                    () -> heard.of(channel).stream().filter("restored"::equals).count() == restored);
            List<String> after = IntStream.range(0, 50)
                    .mapToObj(i -> "after-" + restored + "-" + i)
                    .toList();
            for (String event : after) {
                publish(channel, event);
            }
            awaitLast(after.getLast());
            assertThat(heard.of(channel)).containsSubsequence(after);
            assertThat(cluster.isSubscribed(channel)).isTrue();
        }
        assertThat(heard.of(channel).stream().filter("interrupted"::equals)).hasSize(3);
    }

    @Test
    void whatIsSentWhileASlotMovesIsTakenOnce() throws Exception {
        subscribe();
        append(chat, "first");
        AtomicBoolean moving = new AtomicBoolean(true);
        Thread mover = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < 10; i++) {
                    cluster.moveSlot(channel);
                }
            } finally {
                moving.set(false);
            }
        });
        List<ChatMessage> sent = new ArrayList<>();
        for (int i = 0; moving.get() || i < 100; i++) {
            sent.add(append(chat, "m" + i));
            if (sent.size() > 500) {
                sent.removeFirst();
            }
        }
        mover.join();

        var slice = recent.after(chat, sent.getFirst().seq() - 1, 1_000)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(slice.messages()).isEqualTo(sent);
        for (int i = 1; i < sent.size(); i++) {
            assertThat(sent.get(i).prevSeq()).isEqualTo(sent.get(i - 1).seq());
        }
        Await.until("it is subscribed where it is served", () -> cluster.isSubscribed(channel));
        publish(channel, "end");
        awaitLast("end");
        Set<Long> seqs = new LinkedHashSet<>();
        for (RoomEvent event : heard.events()) {
            if (event.seq() != 0) {
                assertThat(seqs.add(event.seq())).as("heard once").isTrue();
            }
        }
        assertThat(new ArrayList<>(seqs)).isSorted();
    }

    @Test
    void betweenTwoNodesASendIsRefusedOrTaken() throws Exception {
        append(chat, "first");
        TestRedisCluster.Move move = cluster.beginMove(channel);
        List<ExecutionException> refusals = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            var stage = recent.append(
                    new MessageDraft(
                            new MessageId(new ObjectId().toHexString()),
                            chat,
                            alice,
                            "during",
                            MessageType.TEXT,
                            "during",
                            Instant.now()),
                    OptionalLong.of(0),
                    true,
                    "try");
            try {
                stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                refusals.add(e);
            }
        }
        assertThat(refusals).allSatisfy(refusal -> assertThat(refusal).hasCauseInstanceOf(ServerAwayException.class));
        assertThat(breakers.isAway(Server.REDIS))
                .as("one slot is not all of Redis")
                .isFalse();
        move.finish();
        append(chat, "during");
        var slice = recent.after(chat, 0, 100).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(slice.messages().stream().map(ChatMessage::clientMessageId)).containsExactly("first", "during");
    }

    @Test
    void aNodeThatDiesAndComesBackInterruptsOnlyItsChannels() throws Exception {
        subscribe();
        List<String> others = Stream.generate(() -> "chat:{" + new ObjectId().toHexString() + "}")
                .limit(100)
                .toList();
        others.forEach(channels::subscribe);
        Await.until(
                "all are subscribed",
                () -> others.stream().allMatch(other -> heard.last(other).equals("restored")));

        cluster.killNodeOf(channel);
        awaitLast("interrupted");
        assertThat(others.stream().filter(other -> heard.last(other).equals("restored")))
                .as("channels of other nodes")
                .isNotEmpty();
        Await.until("the cluster counts as away", Duration.ofSeconds(30), () -> breakers.isAway(Server.REDIS));

        cluster.restart();
        cluster.awaitServing();
        Await.until("the cluster counts as back", Duration.ofSeconds(30), () -> !breakers.isAway(Server.REDIS));
        awaitLast("restored");
        publish(channel, "after");
        awaitLast("after");
        assertThat(heard.of(channel)).containsExactly("restored", "interrupted", "restored", "after");
        for (String other : others) {
            publish(other, "after");
        }
        Await.until(
                "all are heard",
                () -> others.stream().allMatch(other -> heard.last(other).equals("after")));
        append(chat, "after");
    }
}
