package dev.parley.mongo;

import dev.parley.id.ChatId;
import dev.parley.wire.ChatMessage;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Persisting messages: the one piece of code with which the persist function does it, and a tier instance while RabbitMQ
 * or Redis is away. Doing it again, at any point and from any side, changes nothing. Blocking; thread-safe.
 */
@Singleton
public final class MessageLog {

    private final MessageStore messages;
    private final ChatStore chats;

    MessageLog(MessageStore messages, ChatStore chats) {
        this.messages = messages;
        this.chats = chats;
    }

    /**
     * Stores the messages and moves the latest message of their chats forward.
     *
     * @param lateMicros as in {@link MessageStore#store}
     */
    public MessageStore.Stored persist(List<ChatMessage> batch, @Nullable Long lateMicros) {
        MessageStore.Stored stored = messages.store(batch, lateMicros);
        Map<ChatId, ChatMessage> newest = new HashMap<>();
        for (ChatMessage message : batch) {
            ChatMessage kept = stored.instead().getOrDefault(message.messageId(), message);
            newest.merge(kept.chatId(), kept, (one, other) -> ChatMessage.ORDER.compare(one, other) >= 0 ? one : other);
        }
        chats.advanceLatest(newest.values());
        return stored;
    }
}
