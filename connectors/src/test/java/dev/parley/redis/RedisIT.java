package dev.parley.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.redis.RecentMessages.Appended;
import dev.parley.redis.RecentMessages.Appended.Placed;
import dev.parley.redis.RecentMessages.Slice;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.ServerEvent.MessageRetracted;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The atomic steps on a real Redis. Every test has a chat of its own. */
class RedisIT {

    private static final Map<Class<?>, ApplicationContext> CONTEXTS = new ConcurrentHashMap<>();

    private final ApplicationContext context =
            CONTEXTS.computeIfAbsent(getClass(), test -> ApplicationContext.run(server()));
    private final ChatId chat = new ChatId(new ObjectId().toHexString());
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private final UserId bob = new UserId(new ObjectId().toHexString());
    private final RecentMessages recent = context.getBean(RecentMessages.class);
    private final RedisLink redis = context.getBean(RedisLink.class);

    /** Where Redis is. */
    Map<String, Object> server() {
        return Map.of("redis.uri", TestRedis.shared().uri());
    }

    @AfterAll
    static void stop() {
        CONTEXTS.values().forEach(ApplicationContext::close);
        CONTEXTS.clear();
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

    /** Of a chat that is known to be empty so far, or of which Redis knows more. */
    private CompletionStage<Placed> append(MessageDraft draft) {
        return recent.append(draft, OptionalLong.of(0), true, "try").thenApply(Placed.class::cast);
    }

    private ChatMessage append(String content) throws Exception {
        return get(append(draft(content, content))).message();
    }

    @Test
    void placesRiseAndNameTheOneBefore() throws Exception {
        List<CompletionStage<Placed>> stages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            stages.add(append(draft("c" + i, "m" + i)));
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
        get(redis.call(commands -> commands.set(RedisKeys.seq(chat), Script.arg(future))));

        assertThat(append("a").seq()).isEqualTo(future + 1);
        assertThat(append("b").seq()).isEqualTo(future + 2);
    }

    /** Everything of the chat from now on. */
    private void listen(Channels channels, List<RoomEvent> published) throws Exception {
        CompletableFuture<Boolean> confirmed = new CompletableFuture<>();
        channels.listen(new Channels.Listener() {
            @Override
            public void received(String channel, RoomEvent event) {
                published.add(event);
            }

            @Override
            public void interrupted(String channel) {
                confirmed.completeExceptionally(new AssertionError("interrupted"));
            }

            @Override
            public void restored(String channel) {
                confirmed.complete(true);
            }
        });
        channels.subscribe(RedisKeys.chatChannel(chat));
        get(confirmed);
    }

    @Test
    void aResendIsGivenTheFirstPlaceAndPublishedOnce() throws Exception {
        Channels channels = context.getBean(Channels.class);
        List<RoomEvent> published = new CopyOnWriteArrayList<>();
        listen(channels, published);

        Placed first = get(append(draft("same", "once")));
        Placed second = get(append(draft("same", "once")));
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
        get(redis.call(commands -> commands.set(RedisKeys.seq(chat), Script.arg(1000))));
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
            stages.add(append(draft("c" + i, "m" + i)));
        }
        for (CompletionStage<Placed> stage : stages) {
            all.add(get(stage).message());
        }

        get(recent.noteStored(all.getLast()));
        all.add(append("one more"));

        Slice slice = get(recent.after(chat, 0, 5_000));
        assertThat(slice.messages()).isEqualTo(all.subList(6, all.size()));
        assertThat(slice.floor()).hasValue(all.get(5).seq());
        assertThat(get(recent.before(chat, Long.MAX_VALUE, 3)).messages())
                .isEqualTo(all.subList(all.size() - 3, all.size()));
        assertThat(get(recent.after(chat, all.get(10).seq(), 2)).messages()).isEqualTo(all.subList(11, 13));
    }

    @Test
    void withoutAnySeqTheCallerIsAskedForOne() throws Exception {
        assertThat(get(recent.append(draft("a", "a"), OptionalLong.empty(), true, "try")))
                .isInstanceOf(Appended.Unseeded.class);
        assertThat(get(recent.after(chat, 0, 10)).messages()).isEmpty();
    }

    @Test
    void whatTheCallerHasSeenCountsWhereRedisHasForgotten() throws Exception {
        long future = 4_000_000_000_000_000L;
        append("a");
        Placed placed = (Placed) get(recent.append(draft("b", "b"), OptionalLong.of(future), true, "try"));

        assertThat(placed.message().seq()).isEqualTo(future + 1);
        assertThat(placed.message().prevSeq()).isEqualTo(future);
        assertThat(get(recent.after(chat, 0, 10)).floor())
                .as("what lies between is unknown here")
                .hasValue(future);
    }

    @Test
    void afterRedisForgotTheChatMongoDecidesWhatIsAResend() throws Exception {
        ChatMessage before = append("before");
        get(redis.call(commands -> commands.del(RedisKeys.seq(chat), RedisKeys.dedupe(chat, alice, "before"))));
        OptionalLong seen = OptionalLong.of(before.seq());

        assertThat(get(recent.append(draft("before", "before"), seen, false, "try")))
                .isInstanceOf(Appended.Forgotten.class);
        Placed next = (Placed) get(recent.append(draft("next", "next"), seen, true, "try"));
        assertThat(next.message().prevSeq()).isEqualTo(before.seq());
        assertThat(get(recent.append(draft("other", "other"), OptionalLong.empty(), false, "try")))
                .as("for a while")
                .isInstanceOf(Appended.Forgotten.class);
        assertThat(get(recent.append(draft("next", "next"), OptionalLong.empty(), false, "try")))
                .as("what it remembers it decides")
                .isEqualTo(new Placed(next.message(), true));
    }

    @Test
    void whatIsNotStoredIsKeptLonger() throws Exception {
        ChatMessage first = append("first");
        List<CompletionStage<Placed>> stages = new ArrayList<>();
        for (int i = 0; i < RedisKeys.RECENT_MESSAGES + 50; i++) {
            stages.add(append(draft("c" + i, "m" + i)));
        }
        ChatMessage last = first;
        for (CompletionStage<Placed> stage : stages) {
            last = get(stage).message();
        }
        assertThat(get(recent.after(chat, 0, 5_000)).messages()).contains(first).hasSize(1_051);

        assertThat(get(recent.noteStored(last))).isTrue();
        append("one more");
        assertThat(get(recent.after(chat, 0, 5_000)).messages()).hasSize(RedisKeys.RECENT_MESSAGES);
    }

    @Test
    void evenWhatIsNotStoredHasABound() throws Exception {
        List<CompletionStage<Placed>> stages = new ArrayList<>();
        for (int i = 0; i < RedisKeys.MOST_RECENT_MESSAGES + 10; i++) {
            stages.add(append(draft("c" + i, "m" + i)));
        }
        for (CompletionStage<Placed> stage : stages) {
            get(stage);
        }
        assertThat(get(recent.after(chat, 0, 10_000)).messages()).hasSize(RedisKeys.MOST_RECENT_MESSAGES);
    }

    @Test
    void whatRedisForgotIsAnnouncedOnceMoreAndReadersMustAskMongo() throws Exception {
        ChatMessage lost = append("lost");
        get(redis.call(commands -> commands.del(RedisKeys.messages(chat), RedisKeys.seq(chat))));
        ChatMessage next = append("next");
        List<RoomEvent> published = new CopyOnWriteArrayList<>();
        listen(context.getBean(Channels.class), published);

        assertThat(get(recent.noteStored(next))).isTrue();
        assertThat(get(recent.noteStored(lost))).isFalse();
        get(recent.announce(lost));

        Await.until("it is published", () -> !published.isEmpty());
        assertThat(published.getFirst().seq()).isEqualTo(lost.seq());
        assertThat(published.getFirst().inOrder()).isFalse();
        Slice slice = get(recent.after(chat, 0, 10));
        assertThat(slice.messages()).containsExactly(lost, next);
        assertThat(slice.floor().getAsLong()).as("the floor").isGreaterThan(next.seq());
        assertThat(get(recent.noteStored(lost))).isTrue();
        ChatMessage after = append("after");
        assertThat(get(recent.after(chat, 0, 10)).floor().getAsLong()).isLessThanOrEqualTo(after.seq());
    }

    @Test
    void aMessageThatWasPlacedTwiceKeepsTheAnnouncedPlace() throws Exception {
        List<RoomEvent> published = new CopyOnWriteArrayList<>();
        Placed ghost = get(append(draft("same", "same")));
        listen(context.getBean(Channels.class), published);
        ChatMessage shown = ghost.message();
        ChatMessage kept = new ChatMessage(
                shown.messageId(), chat, shown.seq() + 7, null, alice, "same", "text", "same", shown.timestamp());

        get(recent.announce(kept));

        Await.until("both come", () -> published.size() == 2);
        assertThat(published.stream().map(RoomEvent::name))
                .containsExactly(RoomEvent.MESSAGE_RETRACTED, RoomEvent.NEW_MESSAGE);
        assertThat(get(recent.after(chat, 0, 10)).messages()).containsExactly(kept);
        assertThat(get(append(draft("same", "same"))).message()).isEqualTo(kept);
        assertThat(get(recent.retractedSince(chat, 0)))
                .containsExactly(new MessageRetracted(shown.messageId(), chat, shown.seq()));
    }

    @Test
    void whatIsRetractedIsGoneAndMayBeSentAgain() throws Exception {
        MessageDraft draft = draft("same", "same");
        ChatMessage shown = get(append(draft)).message();
        get(recent.retract(shown));

        assertThat(get(recent.after(chat, 0, 10)).messages()).isEmpty();
        assertThat(get(recent.retractedSince(chat, 0)))
                .containsExactly(new MessageRetracted(shown.messageId(), chat, shown.seq()));
        Placed again = get(append(draft));
        assertThat(again.alreadyKnown()).isFalse();
        assertThat(again.message().seq()).isGreaterThan(shown.seq());
    }

    @Test
    void whatATryHasShownIsTakenBackOnlyWithTheLastTry() throws Exception {
        MessageDraft draft = draft("same", "same");
        ChatMessage shown = appended(draft, "one");
        assertThat(appended(draft, "two")).isEqualTo(shown);
        OptionalLong place = OptionalLong.of(shown.seq());

        assertThat(get(recent.giveUp(draft, place, "one"))).isFalse();
        assertThat(get(recent.giveUp(draft, place, "one"))).as("again").isFalse();
        assertThat(get(recent.giveUp(draft, OptionalLong.empty(), "three")))
                .as("unheard of")
                .isFalse();
        assertThat(get(recent.after(chat, 0, 10)).messages()).containsExactly(shown);

        assertThat(get(recent.giveUp(draft, OptionalLong.empty(), "two"))).isTrue();
        assertThat(get(recent.after(chat, 0, 10)).messages()).isEmpty();
        assertThat(get(recent.retractedSince(chat, 0))).hasSize(1);
    }

    @Test
    void whatIsStoredIsNotTakenBackByATryThatFails() throws Exception {
        MessageDraft draft = draft("same", "same");
        ChatMessage shown = appended(draft, "one");
        get(recent.giveUp(draft, OptionalLong.of(shown.seq()), "one"));
        get(recent.announce(shown));
        assertThat(get(recent.retractedSince(chat, 0))).as("it is there again").isEmpty();

        appended(draft, "two");
        assertThat(get(recent.giveUp(draft, OptionalLong.of(shown.seq()), "two")))
                .isFalse();
        assertThat(get(recent.after(chat, 0, 10)).messages()).containsExactly(shown);
    }

    private ChatMessage appended(MessageDraft draft, String attempt) throws Exception {
        return ((Placed) get(recent.append(draft, OptionalLong.of(0), true, attempt))).message();
    }

    @Test
    void scriptsSurviveAServerThatForgotThem() throws Exception {
        append("before");
        get(redis.call(commands -> commands.scriptFlush()));

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
}
