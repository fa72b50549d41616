package dev.parley.tier.message;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.mongo.MessageStore;
import dev.parley.redis.RecentMessages;
import dev.parley.redis.RecentMessages.Slice;
import dev.parley.tier.Blocking;
import dev.parley.wire.ChatMessage;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was said in a chat: the recent cache above its floor joined with MongoDB below it, without duplicates, so that a
 * reader sees what was acknowledged also before it is persisted. Thread-safe.
 */
@Singleton
public final class History {

    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final Slice NOTHING = new Slice(OptionalLong.empty(), List.of());

    private final RecentMessages recent;
    private final MessageStore store;
    private final Blocking blocking;

    History(RecentMessages recent, MessageStore store, Blocking blocking) {
        this.recent = recent;
        this.store = store;
        this.blocking = blocking;
    }

    /** The oldest {@code limit} messages with a seq above {@code seq}, in order. */
    public CompletionStage<List<ChatMessage>> after(ChatId chat, long seq, int limit) {
        return cached(recent.after(chat, seq, limit)).thenCompose(slice -> {
            if (slice.floor().isPresent() && slice.floor().getAsLong() <= seq) {
                return CompletableFuture.completedStage(slice.messages());
            }
            return blocking.call(() -> {
                List<ChatMessage> joined = join(store.after(chat, seq, limit), slice.messages());
                return joined.subList(0, Math.min(limit, joined.size()));
            });
        });
    }

    /** The newest {@code limit} messages with a seq below {@code seq}, in order. */
    public CompletionStage<List<ChatMessage>> before(ChatId chat, long seq, int limit) {
        return cached(recent.before(chat, seq, limit)).thenCompose(slice -> {
            if (slice.messages().size() == limit) {
                return CompletableFuture.completedStage(slice.messages());
            }
            return blocking.call(() -> {
                List<ChatMessage> joined = join(store.before(chat, seq, limit), slice.messages());
                return joined.subList(Math.max(0, joined.size() - limit), joined.size());
            });
        });
    }

    /** The seq of the newest message; 0 for an empty chat. */
    public CompletionStage<Long> headSeq(ChatId chat) {
        return recent.headSeq(chat)
                .exceptionally(redisAway -> java.util.Optional.empty())
                .thenCompose(head -> head.map(CompletableFuture::completedStage)
                        .orElseGet(() -> blocking.call(() -> {
                            List<ChatMessage> newest = store.before(chat, Long.MAX_VALUE, 1);
                            return newest.isEmpty() ? 0L : newest.getFirst().seq();
                        })));
    }

    private static CompletionStage<Slice> cached(CompletionStage<Slice> slice) {
        return slice.exceptionally(redisAway -> {
            LOG.debug("history without the recent cache: {}", redisAway.toString());
            return NOTHING;
        });
    }

    private static List<ChatMessage> join(Collection<ChatMessage> stored, Collection<ChatMessage> cached) {
        Map<MessageId, ChatMessage> byId = new LinkedHashMap<>();
        stored.forEach(message -> byId.put(message.messageId(), message));
        cached.forEach(message -> byId.putIfAbsent(message.messageId(), message));
        return byId.values().stream().sorted(ChatMessage.ORDER).toList();
    }
}
