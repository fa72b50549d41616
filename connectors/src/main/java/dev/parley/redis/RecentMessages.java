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
import dev.parley.wire.ServerEvent.MessageRetracted;
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

    private static final int RETRACTIONS_KEPT = 1_000;

    private final RedisLink redis;
    private final Json json;
    private final Script append;
    private final Script stored;
    private final Script announce;
    private final Script retract;

    RecentMessages(RedisLink redis, Json json) {
        this.redis = redis;
        this.json = json;
        this.append = new Script(redis, "append");
        this.stored = new Script(redis, "stored");
        this.announce = new Script(redis, "announce");
        this.retract = new Script(redis, "retract");
    }

    /** What became of an append. */
    public sealed interface Appended {

        /**
         * The message has its place.
         *
         * @param alreadyKnown whether an earlier send of the same message took the place: then nothing was published now
         */
        record Placed(ChatMessage message, boolean alreadyKnown) implements Appended {}

        /**
         * Redis knows no seq of the chat, and the caller named none: it must find out the highest one (0 for an empty
         * chat) and try again with it, so that seq rises even where the clock does not.
         */
        record Unseeded() implements Appended {}

        /**
         * Redis has lost its memory of the chat lately, or messages were placed without it, so it can not tell whether
         * this is a resend. The caller must look in MongoDB, and try again where it is not.
         */
        record Forgotten() implements Appended {}
    }

    /**
     * Part of the recent messages.
     *
     * @param floor the cache holds every message of the chat above it; empty where it holds nothing
     * @param messages in order; those below the floor may have gaps between them
     */
    public record Slice(OptionalLong floor, List<ChatMessage> messages) {}

    /**
     * Gives a message its place in the chat and publishes it on the chat's channel, in one atomic step. Calls of one
     * thread take effect in their order.
     *
     * @param seen the highest seq of the chat that the caller has seen; 0 for a chat that is known to be empty, empty
     *     where it has seen none
     * @param surelyNew whether the caller knows that the message is not in MongoDB
     * @param attempt names this try to send it, for {@link #giveUp}: letters and digits, unique among its tries
     */
    public CompletionStage<Appended> append(MessageDraft draft, OptionalLong seen, boolean surelyNew, String attempt) {
        ChatId chat = draft.chatId();
        String[] keys = {
            RedisKeys.seq(chat),
            RedisKeys.messages(chat),
            RedisKeys.dedupe(chat, draft.senderId(), draft.clientMessageId()),
            RedisKeys.stored(chat),
            RedisKeys.forgot(chat)
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
                        arg(RedisKeys.DEDUPE_TTL.toSeconds()),
                        seen.isPresent() ? arg(seen.getAsLong()) : new byte[0],
                        arg(RedisKeys.MOST_RECENT_MESSAGES),
                        arg(surelyNew ? 1 : 0),
                        arg(RedisKeys.FORGOT_TTL.toSeconds()),
                        arg(attempt))
                .thenApply(reply -> appended(draft, reply));
    }

    private Appended appended(MessageDraft draft, List<Object> reply) {
        return switch (text(reply.get(0))) {
            case "new" ->
                new Appended.Placed(
                        draft.at(Long.parseLong(text(reply.get(1))), optionalSeq(text(reply.get(2)))), false);
            case "unseeded" -> new Appended.Unseeded();
            case "forgot" -> new Appended.Forgotten();
            default ->
                new Appended.Placed(
                        reply.size() > 2 ? read((byte[]) reply.get(2)) : earlier(draft, text(reply.get(1))), true);
        };
    }

    private static ChatMessage earlier(MessageDraft draft, String dedupe) {
        String[] known = dedupe.split(" ");
        return new MessageDraft(
                        new MessageId(known[0]),
                        draft.chatId(),
                        draft.senderId(),
                        draft.clientMessageId(),
                        draft.type(),
                        draft.content(),
                        Instant.parse(known[3]))
                .at(Long.parseLong(known[1]), optionalSeq(known[2]));
    }

    private static @Nullable Long optionalSeq(String text) {
        return text.equals("-") ? null : Long.valueOf(text);
    }

    /** The oldest {@code limit} messages with a seq above {@code seq}. */
    public CompletionStage<Slice> after(ChatId chat, long seq, int limit) {
        // One more than asked for, because the floor may be among them.
        CompletionStage<List<ScoredValue<byte[]>>> found = redis.call(commands -> commands.zrangebyscoreWithScores(
                RedisKeys.messages(chat),
                Range.from(Range.Boundary.excluding((double) seq), Range.Boundary.unbounded()),
                io.lettuce.core.Limit.create(0, limit + 1L)));
        return found.thenCombine(floor(chat), (entries, floor) -> slice(entries, floor, limit));
    }

    /** The newest {@code limit} messages with a seq below {@code seq}. */
    public CompletionStage<Slice> before(ChatId chat, long seq, int limit) {
        CompletionStage<List<ScoredValue<byte[]>>> found = redis.call(commands -> commands.zrevrangebyscoreWithScores(
                RedisKeys.messages(chat),
                Range.from(Range.Boundary.unbounded(), Range.Boundary.excluding((double) seq)),
                io.lettuce.core.Limit.create(0, limit + 1L)));
        return found.thenCombine(floor(chat), (entries, floor) -> {
            List<ScoredValue<byte[]>> rising = new ArrayList<>(entries);
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
        CompletionStage<Double> score =
                redis.call(commands -> commands.zscore(RedisKeys.messages(chat), arg(RedisKeys.FLOOR)));
        return score.thenApply(found -> found == null ? OptionalLong.empty() : OptionalLong.of(found.longValue()));
    }

    /** The seq of the chat's newest message; empty where Redis does not know. */
    public CompletionStage<Optional<Long>> headSeq(ChatId chat) {
        CompletionStage<byte[]> found = redis.call(commands -> commands.get(RedisKeys.seq(chat)));
        return found.thenApply(value -> value == null ? Optional.empty() : Optional.of(Long.valueOf(text(value))));
    }

    /**
     * Notes that the message is in MongoDB now.
     *
     * @return whether it is among the recent messages; otherwise readers may have missed it, and it must be
     *     {@link #announce}d
     */
    public CompletionStage<Boolean> noteStored(ChatMessage message) {
        ChatId chat = message.chatId();
        return stored.integer(
                        new String[] {RedisKeys.messages(chat), RedisKeys.seq(chat), RedisKeys.stored(chat)},
                        arg(message.seq()),
                        arg(message.messageId().value()),
                        arg(RedisKeys.SEQ_TTL.toSeconds()),
                        arg(RedisKeys.RECENT_MESSAGES_TTL.toSeconds()))
                .thenApply(known -> known == 1);
    }

    /**
     * Makes a stored message known that Redis did not place or has forgotten, and publishes it once more. The recent
     * messages then count as complete only above the newest one. Doing it again does no harm.
     */
    public CompletionStage<Void> announce(ChatMessage message) {
        ChatId chat = message.chatId();
        byte[] body = json.bytes(message);
        return announce.integer(
                        new String[] {
                            RedisKeys.messages(chat), RedisKeys.seq(chat),
                            RedisKeys.dedupe(chat, message.senderId(), message.clientMessageId()),
                                    RedisKeys.retracted(chat)
                        },
                        arg(message.seq()),
                        arg(message.messageId().value()),
                        body,
                        arg(message.prevSeq() == null ? "-" : message.prevSeq().toString()),
                        arg(message.timestamp()),
                        arg(RedisKeys.chatChannel(chat)),
                        new RoomEvent(RoomEvent.NEW_MESSAGE, message.seq(), false, body).encode(),
                        arg(RedisKeys.SEQ_TTL.toSeconds()),
                        arg(RedisKeys.DEDUPE_TTL.toSeconds()),
                        arg(RedisKeys.RECENT_MESSAGES_TTL.toSeconds()),
                        arg(RedisKeys.RETRACTED_TTL.toSeconds()),
                        arg(RoomEvent.MESSAGE_RETRACTED),
                        arg(chat.value()))
                .thenApply(done -> null);
    }

    /** Takes back what was shown, and tells the chat: the message is kept at another place. */
    public CompletionStage<Void> retract(ChatMessage message) {
        return retract(
                        message.chatId(),
                        message.messageId(),
                        RedisKeys.dedupe(message.chatId(), message.senderId(), message.clientMessageId()),
                        Long.toString(message.seq()),
                        "")
                .thenApply(done -> null);
    }

    /**
     * A try to send the message has failed for good. What it showed is taken back, unless there is another try: that one
     * may have succeeded, or gives up too. Doing it again changes nothing.
     *
     * @param seq the place that the try got; empty where it is not known whether it got one
     * @return whether the message was taken back
     */
    public CompletionStage<Boolean> giveUp(MessageDraft draft, OptionalLong seq, String attempt) {
        return retract(
                draft.chatId(),
                draft.messageId(),
                RedisKeys.dedupe(draft.chatId(), draft.senderId(), draft.clientMessageId()),
                seq.isPresent() ? Long.toString(seq.getAsLong()) : "",
                attempt);
    }

    private CompletionStage<Boolean> retract(
            ChatId chat, MessageId message, String dedupe, String seq, String attempt) {
        return retract.integer(
                        new String[] {RedisKeys.messages(chat), dedupe, RedisKeys.retracted(chat)},
                        arg(message.value()),
                        arg(seq),
                        arg(RedisKeys.chatChannel(chat)),
                        arg(RoomEvent.MESSAGE_RETRACTED),
                        arg(chat.value()),
                        arg(RedisKeys.RETRACTED_TTL.toSeconds()),
                        arg(RETRACTIONS_KEPT),
                        arg(attempt))
                .thenApply(done -> done == 1);
    }

    /** What was taken back at {@code micros} since 1970 or later, as far as it is remembered. */
    public CompletionStage<List<MessageRetracted>> retractedSince(ChatId chat, long micros) {
        CompletionStage<List<byte[]>> found = redis.call(commands -> commands.zrangebyscore(
                RedisKeys.retracted(chat),
                Range.from(Range.Boundary.including((double) micros), Range.Boundary.unbounded())));
        return found.thenApply(entries -> entries.stream()
                .map(entry -> {
                    String[] place = text(entry).split(" ", 2);
                    return new MessageRetracted(new MessageId(place[0]), chat, Long.parseLong(place[1]));
                })
                .toList());
    }
}
