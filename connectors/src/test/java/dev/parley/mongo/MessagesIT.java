package dev.parley.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore.LatestMessage;
import dev.parley.testing.TestMongo;
import dev.parley.wire.ChatMessage;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Storing messages again, elsewhere and late, and what is left undone; refresh tokens. */
class MessagesIT {

    private final ChatId chat = new ChatId(new ObjectId().toHexString());
    private final UserId alice = new UserId(new ObjectId().toHexString());
    private ApplicationContext context;
    private MessageStore messages;
    private MessageLog log;

    @BeforeEach
    void start() {
        context =
                ApplicationContext.run(Map.of("mongodb.uri", TestMongo.shared().newDatabase()));
        messages = context.getBean(MessageStore.class);
        log = context.getBean(MessageLog.class);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    private ChatMessage message(String name, long seq) {
        return message(name, seq, seq - 1);
    }

    private ChatMessage message(String name, long seq, @Nullable Long prevSeq) {
        return new ChatMessage(
                MessageId.of(chat, alice, name),
                chat,
                seq,
                prevSeq,
                alice,
                name,
                "text",
                name,
                "2026-01-02T03:04:05.678Z");
    }

    @Test
    void storingAgainChangesNothing() {
        List<ChatMessage> batch = List.of(message("a", 1), message("b", 2));

        assertThat(messages.store(batch, null).again()).isEmpty();
        assertThat(messages.store(batch, null).again()).hasSameSizeAs(batch);
        assertThat(messages.store(batch, null).instead()).isEmpty();
        assertThat(messages.after(chat, 0, 10)).isEqualTo(batch);
    }

    @Test
    void aMessageKeepsItsFirstPlaceAndTheOtherIsToldOfIt() {
        ChatMessage first = message("a", 1);
        messages.store(List.of(first), null);

        Map<MessageId, ChatMessage> instead =
                messages.store(List.of(message("b", 2), message("a", 3)), null).instead();

        assertThat(instead).isEqualTo(Map.of(first.messageId(), first));
        assertThat(messages.after(chat, 0, 10)).containsExactly(first, message("b", 2));
    }

    @Test
    void aMessageThatCameLateKeepsItsPlaceToo() {
        ChatMessage first = message("a", 1, null);
        assertThat(log.persist(List.of(first), 1_000L).instead()).isEmpty();
        messages.markLate(List.of(first.messageId()), 2_000);

        assertThat(log.persist(List.of(message("a", 3, null)), 3_000L).instead())
                .isEqualTo(Map.of(first.messageId(), first));
        assertThat(messages.after(chat, 0, 10)).containsExactly(first);
    }

    @Test
    void lateMessagesAreFoundByWhoWentPastThem() {
        messages.store(List.of(message("a", 1), message("c", 3)), null);
        messages.store(List.of(message("b", 2, null)), 1_000L);

        assertThat(messages.late(chat, 900, 3, 10)).containsExactly(message("b", 2, null));
        assertThat(messages.late(chat, 900, 1, 10)).as("not past it").isEmpty();
        assertThat(messages.late(chat, 1_100, 3, 10)).as("seen since").isEmpty();
        messages.markLate(List.of(message("a", 1).messageId()), 2_000);
        assertThat(messages.late(chat, 1_100, 3, 10)).containsExactly(message("a", 1));
    }

    @Test
    void theLatestMessageOnlyMovesForward() {
        ChatStore chats = context.getBean(ChatStore.class);
        chats.createGroup(chat, alice, "group", List.of(), Instant.EPOCH);
        log.persist(List.of(message("a", 1), message("b", 2)), null);
        log.persist(List.of(message("c", 3), message("a", 4)), null);
        log.persist(List.of(message("b", 2)), null);

        assertThat(chats.find(chat).map(ChatStore.Chat::latestMessage).map(LatestMessage::seq))
                .contains(3L);
        assertThat(chats.latestSeqs(List.of(chat))).isEqualTo(Map.of(chat, 3L));
    }

    @Test
    void whatIsLeftUndoneGrowsAndIsForgottenWhenAllIsDone() {
        PendingMessages pending = context.getBean(PendingMessages.class);
        MessageId id = message("a", 1).messageId();
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        pending.add(List.of(new PendingMessages.Entry(id, "group", true, false, now)));
        Instant later = now.plusSeconds(1);
        pending.add(List.of(new PendingMessages.Entry(id, "group", false, true, later)));

        var both = new PendingMessages.Entry(id, "group", true, true, later);
        assertThat(pending.toQueue(10)).containsExactly(both);
        assertThat(pending.toAnnounce(10)).containsExactly(both);
        pending.queued(List.of(id));
        assertThat(pending.toQueue(10)).isEmpty();
        assertThat(pending.toAnnounce(10)).containsExactly(new PendingMessages.Entry(id, "group", false, true, later));
        pending.announced(List.of(id));
        assertThat(pending.toAnnounce(10)).isEmpty();
    }

    @Test
    void aRefreshTokenIsGoodOnceAndForItsTime() {
        RefreshTokens tokens = context.getBean(RefreshTokens.class);
        tokens.remember("good", alice, Duration.ofMinutes(1));
        tokens.remember("old", alice, Duration.ofMinutes(-1));

        assertThat(tokens.whose("good")).contains(alice);
        assertThat(tokens.use("good")).contains(alice);
        assertThat(tokens.use("good")).isEmpty();
        assertThat(tokens.use("old")).isEmpty();
        assertThat(tokens.use("unknown")).isEmpty();
    }
}
