package dev.parley.tier.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.MessageStore;
import dev.parley.redis.RecentMessages;
import dev.parley.redis.RecentMessages.Appended;
import dev.parley.testing.TestRedis;
import dev.parley.tier.TestInstance;
import dev.parley.tier.history.History.Missed;
import dev.parley.tier.history.History.Page;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.MessageType;
import io.micronaut.context.ApplicationContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a reader is given while cache and store do not know the same. */
class HistoryIT {

    private final TestRedis redis = TestRedis.own();
    private final ApplicationContext context = TestInstance.start(redis, Map.of());
    private final RecentMessages recent = context.getBean(RecentMessages.class);
    private final MessageStore store = context.getBean(MessageStore.class);
    private final History history = context.getBean(History.class);
    private final ChatId chat = new ChatId(new ObjectId().toHexString());

    @AfterEach
    void stop() {
        context.close();
        redis.kill();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private MessageDraft draft(String content) {
        String id = new ObjectId().toHexString();
        return new MessageDraft(
                new MessageId(id),
                chat,
                new UserId("bbbbbbbbbbbbbbbbbbbbbbbb"),
                id,
                MessageType.TEXT,
                content,
                Instant.now());
    }

    private ChatMessage placed(String content) throws Exception {
        Appended appended = get(recent.append(draft(content), OptionalLong.of(0), true, "a"));
        return ((Appended.Placed) appended).message();
    }

    /** In MongoDB, and not known to Redis here. */
    private ChatMessage stored(String content, long seq, @Nullable Long prevSeq) {
        ChatMessage message = draft(content).at(seq, prevSeq);
        store.store(List.of(message), null);
        return message;
    }

    @Test
    void whatRedisPlacesWhileMongoIsReadDoesNotHideTheLiveFeed() throws Exception {
        ChatMessage first = placed("first");
        store.store(List.of(first), null);
        // Placed behind a message that is neither stored nor in what Redis has answered.
        stored("third", first.seq() + 20, first.seq() + 10);

        Missed missed = get(history.missed(chat, 1, 100));

        assertThat(missed.after()).extracting(ChatMessage::content).containsExactly("first", "third");
        assertThat(missed.inOrderUpTo())
                .as("the second comes live, and must not count as given")
                .isEqualTo(first.seq());
    }

    @Test
    void whatWasPlacedWithoutRedisIsGivenFromMongo() throws Exception {
        ChatMessage first = placed("first");
        store.store(List.of(first), null);
        stored("second", first.seq() + 20, null);

        Missed missed = get(history.missed(chat, 1, 100));

        assertThat(missed.after()).extracting(ChatMessage::content).containsExactly("first", "second");
        assertThat(missed.inOrderUpTo()).isEqualTo(first.seq());
    }

    @Test
    void whereRedisHasForgottenEverythingMongoIsBelieved() throws Exception {
        ChatMessage first = placed("first");
        ChatMessage second = placed("second");
        store.store(List.of(first, second), null);
        redis.clear();

        assertThat(get(history.missed(chat, first.seq(), 100)).after())
                .extracting(ChatMessage::content)
                .containsExactly("second");
    }

    @Test
    void withoutRedisPagesSayThatRecentMessagesMayBeMissing() throws Exception {
        ChatMessage first = placed("first");
        store.store(List.of(first), null);
        ChatMessage second = placed("second");
        Page whole = get(history.before(chat, Long.MAX_VALUE, 100));
        assertThat(whole.complete()).isTrue();
        assertThat(whole.messages()).containsExactly(first, second);

        redis.kill();

        Page before = get(history.before(chat, Long.MAX_VALUE, 100));
        assertThat(before.complete()).isFalse();
        assertThat(before.messages()).containsExactly(first);
        assertThat(get(history.after(chat, 1, 100)).complete()).isFalse();
    }
}
