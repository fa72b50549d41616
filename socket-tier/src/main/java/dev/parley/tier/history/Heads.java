package dev.parley.tier.history;

import dev.parley.id.ChatId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.redis.RedisLink;
import dev.parley.tier.Blocking;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where chats end, by MongoDB, for when Redis can not be believed: it knows nothing of the chat, or it was away and may
 * have come back with an older memory (a replica that was behind, a log that was not written to the end). Each chat is
 * looked up once after such a time, before Redis is asked about it. Thread-safe; never blocks.
 */
@Singleton
public final class Heads {

    private static final Logger LOG = LoggerFactory.getLogger(Heads.class);
    private static final CompletionStage<Void> SURE = CompletableFuture.completedStage(null);

    private final LastSeqs lastSeqs;
    private final ChatStore chats;
    private final Blocking blocking;

    Heads(LastSeqs lastSeqs, ChatStore chats, Blocking blocking, RedisLink redis) {
        this.lastSeqs = lastSeqs;
        this.chats = chats;
        this.blocking = blocking;
        redis.whenLost(lastSeqs::doubtAll);
    }

    /** Completes when {@link LastSeqs} knows at least as much of the chat as MongoDB does, or nobody can say. Never fails. */
    public CompletionStage<Void> beSureOf(ChatId chat) {
        String channel = RedisKeys.chatChannel(chat);
        long doubts = lastSeqs.doubts();
        return lastSeqs.isDoubtful(channel)
                ? lookUp(chat).thenAccept(found -> {
                    if (found) {
                        lastSeqs.sureOf(channel, doubts);
                    }
                })
                : SURE;
    }

    /** Looks it up in any case; an empty chat ends at 0. False where MongoDB can not say. Never fails. */
    public CompletionStage<Boolean> lookUp(ChatId chat) {
        String channel = RedisKeys.chatChannel(chat);
        return blocking.call(() -> chats.latestSeqs(List.of(chat)).getOrDefault(chat, 0L))
                .handle((latest, mongoAway) -> {
                    if (latest == null) {
                        LOG.debug("chat {} goes on by the clock alone: {}", chat, mongoAway.getMessage());
                    }
                    lastSeqs.see(channel, latest == null ? 0 : latest);
                    return latest != null;
                });
    }
}
