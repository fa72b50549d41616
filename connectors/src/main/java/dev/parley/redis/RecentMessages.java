package dev.parley.redis;

import static dev.parley.redis.Script.arg;
import static dev.parley.redis.Script.text;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.keys.RedisKeys;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.RoomEvent;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The newest messages of every chat, where messages get their place in the order. Thread-safe; the stages complete on
 * the Redis client's threads, which must not be blocked.
 */
@Singleton
public final class RecentMessages {

    private final RedisLink redis;
    private final Json json;
    private final Script append;
    private final Script repair;

    RecentMessages(RedisLink redis, Json json) {
        this.redis = redis;
        this.json = json;
        this.append = new Script(redis, "append");
        this.repair = new Script(redis, "repair");
    }

    /**
     * A message in its place.
     *
     * @param alreadyKnown whether an earlier send of the same message took the place: then nothing was published now
     */
    public record Placed(ChatMessage message, boolean alreadyKnown) {}

    /**
     * Part of the recent messages.
     *
     * @param floor the cache holds every message of the chat above it; empty where it holds nothing
     * @param messages in order
     */
    public record Slice(OptionalLong floor, List<ChatMessage> messages) {}

    /**
     * Gives a message its place in the chat and publishes it on the chat's channel, in one atomic step. Calls of one
     * thread take effect in their order.
     */
    public CompletionStage<Placed> append(MessageDraft draft) {
        ChatId chat = draft.chatId();
        String[] keys = {
            RedisKeys.seq(chat),
            RedisKeys.messages(chat),
            RedisKeys.dedupe(chat, draft.senderId(), draft.clientMessageId())
        };
        return append.list(
                        keys,
                        draft.head(),
                        draft.tail(),
                        arg(draft.messageId().value()),
                        arg(draft.timestamp()),
                        arg(RedisKeys.chatChannel(chat)),
                        arg(RoomEvent.NEW_MESSAGE),
                        arg(RedisKeys.RECENT_MESSAGES),
                        arg(RedisKeys.RECENT_MESSAGES_TTL.toSeconds()),
                        arg(RedisKeys.SEQ_TTL.toSeconds()),
                        arg(RedisKeys.DEDUPE_TTL.toSeconds()))
                .thenApply(reply -> placed(draft, reply));
    }

    private Placed placed(MessageDraft draft, List<Object> reply) {
        if (text(reply.get(0)).equals("new")) {
            return new Placed(draft.at(Long.parseLong(text(reply.get(1))), optionalSeq(text(reply.get(2)))), false);
        }
        if (reply.size() > 2) {
            return new Placed(read((byte[]) reply.get(2)), true);
        }
        String[] known = text(reply.get(1)).split(" ", 4);
        MessageDraft earlier = new MessageDraft(
                new MessageId(known[0]),
                draft.chatId(),
                draft.senderId(),
                draft.clientMessageId(),
                draft.type(),
                draft.content(),
                Instant.parse(known[3]));
        return new Placed(earlier.at(Long.parseLong(known[1]), optionalSeq(known[2])), true);
    }

    private static @Nullable Long optionalSeq(String text) {
        return text.equals("-") ? null : Long.valueOf(text);
    }

    /** The oldest {@code limit} messages with a seq above {@code seq}. */
    public CompletionStage<Slice> after(ChatId chat, long seq, int limit) {
        // One more than asked for, because the floor may be among them.
        return redis.commands()
                .zrangebyscoreWithScores(
                        RedisKeys.messages(chat),
                        Range.from(Range.Boundary.excluding((double) seq), Range.Boundary.unbounded()),
                        io.lettuce.core.Limit.create(0, limit + 1L))
                .thenCombine(floor(chat), (found, floor) -> slice(found, floor, limit));
    }

    /** The newest {@code limit} messages with a seq below {@code seq}. */
    public CompletionStage<Slice> before(ChatId chat, long seq, int limit) {
        return redis.commands()
                .zrevrangebyscoreWithScores(
                        RedisKeys.messages(chat),
                        Range.from(Range.Boundary.unbounded(), Range.Boundary.excluding((double) seq)),
                        io.lettuce.core.Limit.create(0, limit + 1L))
                .thenCombine(floor(chat), (found, floor) -> {
                    List<ScoredValue<byte[]>> rising = new ArrayList<>(found);
                    Collections.reverse(rising);
                    Slice slice = slice(rising, floor, Integer.MAX_VALUE);
                    List<ChatMessage> messages = slice.messages();
                    int surplus = Math.max(0, messages.size() - limit);
                    return new Slice(floor, messages.subList(surplus, messages.size()));
                });
    }

    private Slice slice(List<ScoredValue<byte[]>> found, OptionalLong floor, int limit) {
        List<ChatMessage> messages = new ArrayList<>(found.size());
        for (ScoredValue<byte[]> entry : found) {
            if (messages.size() < limit && !isFloor(entry.getValue())) {
                messages.add(read(entry.getValue()));
            }
        }
        messages.sort(ChatMessage.ORDER);
        return new Slice(floor, messages);
    }

    private ChatMessage read(byte[] member) {
        try {
            return json.read(member, ChatMessage.class);
        } catch (IOException e) {
            throw new IllegalStateException("the recent cache holds something that is not a message", e);
        }
    }

    private static boolean isFloor(byte[] member) {
        return new String(member, StandardCharsets.UTF_8).equals(RedisKeys.FLOOR);
    }

    private CompletionStage<OptionalLong> floor(ChatId chat) {
        return redis.commands()
                .zscore(RedisKeys.messages(chat), arg(RedisKeys.FLOOR))
                .thenApply(score -> score == null ? OptionalLong.empty() : OptionalLong.of(score.longValue()));
    }

    /** The seq of the chat's newest message; empty where Redis does not know. */
    public CompletionStage<Optional<Long>> headSeq(ChatId chat) {
        return redis.commands()
                .get(RedisKeys.seq(chat))
                .thenApply(value -> value == null ? Optional.empty() : Optional.of(Long.valueOf(text(value))));
    }

    /** Puts a stored message where the cache lacks it; does nothing below the floor. */
    public CompletionStage<Boolean> repair(ChatMessage message) {
        String[] keys = {RedisKeys.messages(message.chatId()), RedisKeys.seq(message.chatId())};
        return repair.integer(keys, arg(message.seq()), json.bytes(message), arg(RedisKeys.SEQ_TTL.toSeconds()))
                .thenApply(added -> added == 1);
    }
}
