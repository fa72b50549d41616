package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.RecentMessages.Placed;
import dev.parley.redis.RecentMessages.Slice;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import dev.parley.wire.RoomEvent;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The atomic steps on a real Redis. Every test has a chat of its own. */
class RedisIT {

    @SuppressWarnings("NullAway.Init") // JUnit starts it first
    private static ApplicationContext context;

    private final ChatId chat = new ChatId(new ObjectId().toHexString());
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private final UserId bob = new UserId(new ObjectId().toHexString());
    private final RecentMessages recent = context.getBean(RecentMessages.class);
    private final RedisLink redis = context.getBean(RedisLink.class);

    @BeforeAll
    static void start() {
        context = ApplicationContext.run(Map.of("redis.uri", TestRedis.shared().uri()));
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private MessageDraft draft(String clientMessageId, String content) {
        return new MessageDraft(
                new MessageId(new ObjectId().toHexString()),
                chat,
                alice,
                clientMessageId,
                MessageType.TEXT,
                content,
                Instant.now());
    }

    private ChatMessage append(String content) throws Exception {
        return get(recent.append(draft(content, content))).message();
    }

    @Test
    void placesRiseAndNameTheOneBefore() throws Exception {
        List<CompletionStage<Placed>> stages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            stages.add(recent.append(draft("c" + i, "m" + i)));
        }
        ChatMessage before = null;
        for (CompletionStage<Placed> stage : stages) {
            ChatMessage message = get(stage).message();
            if (before != null) {
                assertThat(message.seq()).isGreaterThan(before.seq());
                assertThat(message.prevSeq()).isEqualTo(before.seq());
            } else {
                assertThat(message.prevSeq()).as("nobody knows what was before").isNull();
            }
            before = message;
        }
    }

    @Test
    void theClockSteppingBackDoesNotTurnTheOrder() throws Exception {
        long future = 4_000_000_000_000_000L;
        get(redis.commands().set(RedisKeys.seq(chat), Script.arg(future)));

        assertThat(append("a").seq()).isEqualTo(future + 1);
        assertThat(append("b").seq()).isEqualTo(future + 2);
    }

    @Test
    void aResendIsGivenTheFirstPlaceAndPublishedOnce() throws Exception {
        Channels channels = context.getBean(Channels.class);
        List<RoomEvent> published = new CopyOnWriteArrayList<>();
        channels.listen((channel, event) -> published.add(event));
        get(channels.subscribe(RedisKeys.chatChannel(chat)));

        Placed first = get(recent.append(draft("same", "once")));
        Placed second = get(recent.append(draft("same", "once")));
        ChatMessage last = append("last");

        assertThat(second.alreadyKnown()).isTrue();
        assertThat(second.message()).isEqualTo(first.message());
        Await.until("the last one comes", () -> published.stream().anyMatch(e -> e.seq() == last.seq()));
        assertThat(published.stream().map(RoomEvent::seq))
                .containsExactly(first.message().seq(), last.seq());
        assertThat(new String(published.getFirst().json(), StandardCharsets.UTF_8))
                .contains("\"content\":\"once\"");
    }

    @Test
    void theCacheKnowsFromWhereItIsComplete() throws Exception {
        get(redis.commands().set(RedisKeys.seq(chat), Script.arg(1000)));
        ChatMessage first = append("first");

        Slice slice = get(recent.after(chat, 0, 10));
        assertThat(slice.floor()).hasValue(1000);
        assertThat(slice.messages()).containsExactly(first);
        assertThat(get(recent.after(chat, first.seq(), 10)).messages()).isEmpty();
        assertThat(get(recent.before(chat, first.seq(), 10)).messages()).isEmpty();
    }

    @Test
    void theOldestAreCutAndTheFloorRises() throws Exception {
        List<ChatMessage> all = new ArrayList<>();
        List<CompletionStage<Placed>> stages = new ArrayList<>();
        for (int i = 0; i < RedisKeys.RECENT_MESSAGES + 5; i++) {
            stages.add(recent.append(draft("c" + i, "m" + i)));
        }
        for (CompletionStage<Placed> stage : stages) {
            all.add(get(stage).message());
        }

        Slice slice = get(recent.after(chat, 0, 5_000));
        assertThat(slice.messages()).isEqualTo(all.subList(5, all.size()));
        assertThat(slice.floor()).hasValue(all.get(4).seq());
        assertThat(get(recent.before(chat, Long.MAX_VALUE, 3)).messages())
                .isEqualTo(all.subList(all.size() - 3, all.size()));
        assertThat(get(recent.after(chat, all.get(10).seq(), 2)).messages()).isEqualTo(all.subList(11, 13));
    }

    @Test
    void repairPutsBackWhatIsMissingAboveTheFloorAndNothingElse() throws Exception {
        append("a");
        ChatMessage lost = append("lost");
        append("c");
        get(redis.commands()
                .zremrangebyscore(RedisKeys.messages(chat), io.lettuce.core.Range.create((double) lost.seq(), (double)
                        lost.seq())));
        assertThat(get(recent.after(chat, 0, 10)).messages()).hasSize(2);

        assertThat(get(recent.repair(lost))).isTrue();
        assertThat(get(recent.repair(lost))).as("again").isFalse();
        assertThat(get(recent.after(chat, 0, 10)).messages()).hasSize(3).contains(lost);
        ChatMessage old =
                new ChatMessage(lost.messageId(), chat, 5, null, alice, "old", "text", "old", lost.timestamp());
        assertThat(get(recent.repair(old))).as("below the floor").isFalse();
    }

    @Test
    void scriptsSurviveAServerThatForgotThem() throws Exception {
        append("before");
        get(redis.commands().scriptFlush());

        assertThat(append("after").content()).isEqualTo("after");
    }

    @Test
    void aUserIsOnlineAsLongAsOneConnectionIsOpen() throws Exception {
        Presence presence = context.getBean(Presence.class);
        assertThat(get(presence.connected(alice, "one", "tier-1"))).isEqualTo(1);
        assertThat(get(presence.connected(alice, "two", "tier-2"))).isEqualTo(2);
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(bob);

        assertThat(get(presence.disconnected(alice, "one"))).isEqualTo(1);
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(bob);
        assertThat(get(presence.disconnected(alice, "two"))).isZero();
        assertThat(get(presence.offline(List.of(alice, bob)))).containsExactly(alice, bob);
    }

    @Test
    void aBucketGivesNoMoreThanItHolds() throws Exception {
        TokenBuckets buckets = context.getBean(TokenBuckets.class);
        int granted = 0;
        for (int i = 0; i < 10; i++) {
            granted += get(buckets.lease("test", alice.value(), 30, Duration.ofHours(1), 5))
                    .granted();
        }
        TokenBuckets.Lease empty = get(buckets.lease("test", alice.value(), 30, Duration.ofHours(1), 5));

        assertThat(granted).isEqualTo(30);
        assertThat(empty.granted()).isZero();
        assertThat(empty.retryAfterMs()).isBetween(1L, 120_000L);
    }

    @Test
    void aRefreshTokenIsGoodOnce() throws Exception {
        RefreshTokens tokens = context.getBean(RefreshTokens.class);
        String token = new ObjectId().toHexString();
        get(tokens.remember(token, alice, Duration.ofMinutes(1)));

        assertThat(get(tokens.use(token))).contains(alice);
        assertThat(get(tokens.use(token))).isEmpty();
    }
}
