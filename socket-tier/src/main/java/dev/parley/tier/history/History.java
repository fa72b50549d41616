package dev.parley.tier.history;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.MessageStore;
import dev.parley.redis.RecentMessages;
import dev.parley.redis.RecentMessages.Slice;
import dev.parley.tier.Blocking;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Seq;
import dev.parley.wire.ServerEvent.MessageRetracted;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * How far back from the last seq that a reader holds we look for messages that it may have gone past: instances that
     * place messages without Redis do so by their own clocks, which may differ by this much.
     */
    private static final Duration OVERLAP = Duration.ofSeconds(2);

    /**
     * How far back we look where the last seq that a reader names was placed without Redis, or is nobody's: others may have
     * placed messages below it for as long as its instance could not reach Redis. A client that follows the chain of
     * {@code prevSeq} never names one.
     */
    private static final Duration DOUBT = Duration.ofMinutes(5);

    private final RecentMessages recent;
    private final MessageStore store;
    private final LastSeqs lastSeqs;
    private final Heads heads;
    private final Blocking blocking;

    History(RecentMessages recent, MessageStore store, LastSeqs lastSeqs, Heads heads, Blocking blocking) {
        this.recent = recent;
        this.store = store;
        this.lastSeqs = lastSeqs;
        this.heads = heads;
        this.blocking = blocking;
    }

    /**
     * What a reader lacks that has read up to some seq.
     *
     * @param late messages with a seq up to there that became visible only later; it may hold some of them
     * @param after the oldest messages above it, in order
     * @param retracted what was taken back since; it may never have held it
     * @param tooMany whether there are more above it than were asked for; then {@code after} is cut off
     * @param head seq of the newest message as far as it was seen; 0 where none was
     * @param inOrderUpTo everything that Redis has published up to this seq is in here or was before; 0 where unknown. What
     *     is in here above it may have gaps, which come live
     * @param complete false where Redis could not be asked: then what is not in MongoDB yet is missing here, and the
     *     reader must ask again when Redis is back
     */
    public record Missed(
            List<ChatMessage> late,
            List<ChatMessage> after,
            List<MessageRetracted> retracted,
            boolean tooMany,
            long head,
            long inOrderUpTo,
            boolean complete) {}

    /** What a reader lacks that has everything up to {@code seq}; {@code limit} bounds the messages above it. */
    public CompletionStage<Missed> missed(ChatId chat, long seq, int limit) {
        return heads.beSureOf(chat).thenCompose(sure -> read(chat, seq, limit));
    }

    private CompletionStage<Missed> read(ChatId chat, long seq, int limit) {
        long seen = seen(chat, seq);
        // In this order on one connection: what is published behind the head is in the slice, or comes live.
        CompletableFuture<OptionalLong> head = redisHead(chat).toCompletableFuture();
        CompletableFuture<Optional<Slice>> slice =
                cached(recent.after(chat, seq - 1, limit + 2)).toCompletableFuture();
        CompletableFuture<List<MessageRetracted>> retracted = recent.retractedSince(chat, Seq.before(seq, OVERLAP))
                .exceptionally(redisAway -> List.of())
                .toCompletableFuture();
        return CompletableFuture.allOf(head, slice, retracted).thenCompose(read -> {
            boolean complete = slice.join().isPresent();
            // A head without the messages below it says nothing.
            OptionalLong redisHead = complete ? head.join() : OptionalLong.empty();
            Slice found = slice.join().orElse(NOTHING);
            boolean reachesBack = found.floor().isPresent() && found.floor().getAsLong() <= seq;
            // Where Redis has lost its newest memory of the chat, its cache may have a gap anywhere.
            boolean isBehind = redisHead.orElse(0) < seen;
            var reading =
                    new Reading(chat, seq, limit, redisHead, readUpTo(redisHead, found), retracted.join(), complete);
            if (reachesBack && !isBehind) {
                return fromCache(reading, found);
            }
            return blocking.call(() -> fromStore(reading, found))
                    .exceptionallyCompose(mongoAway -> nothingMissed(seq, redisHead, found) && !isBehind
                            ? CompletableFuture.completedStage(missed(reading, List.of(), List.of()))
                            : CompletableFuture.failedStage(mongoAway));
        });
    }

    /** The highest seq of the chat that anybody here has seen, before Redis is asked. */
    private long seen(ChatId chat, long known) {
        return Math.max(known, lastSeqs.of(RedisKeys.chatChannel(chat)).orElse(0));
    }

    /**
     * @param redisUpTo everything that Redis had placed up to this seq is stored or was in its answer, unless Redis has lost
     *     it; 0 where it does not say
     */
    private record Reading(
            ChatId chat,
            long seq,
            int limit,
            OptionalLong redisHead,
            long redisUpTo,
            List<MessageRetracted> retracted,
            boolean complete) {}

    /**
     * What Redis placed between the two questions is in the slice. What MongoDB has beyond does not count: it is asked later,
     * and may have a message, but not yet the one before it.
     */
    private static long readUpTo(OptionalLong head, Slice slice) {
        if (head.isEmpty()) {
            return 0;
        }
        return slice.messages().stream()
                .filter(message -> message.prevSeq() != null)
                .mapToLong(ChatMessage::seq)
                .reduce(head.getAsLong(), Math::max);
    }

    /** A chat that has been silent for longer than the cache lasts still has its last seq. */
    private static boolean nothingMissed(long seq, OptionalLong head, Slice found) {
        return head.isPresent() && head.getAsLong() <= seq && found.floor().isEmpty();
    }

    private CompletionStage<Missed> fromCache(Reading reading, Slice found) {
        boolean atFloor = found.floor().orElse(0) == reading.seq;
        if (atFloor || !mayBeGoneBy(found.messages(), reading.seq)) {
            return CompletableFuture.completedStage(missed(reading, List.of(), found.messages()));
        }
        return recent.before(reading.chat, reading.seq, reading.limit)
                .thenApply(before -> missed(reading, lately(before.messages(), reading.seq), found.messages()));
    }

    private Missed fromStore(Reading reading, Slice cached) {
        ChatId chat = reading.chat;
        List<ChatMessage> found = join(store.after(chat, reading.seq - 1, reading.limit + 2), cached.messages());
        List<ChatMessage> late = store.late(chat, Seq.before(reading.seq, OVERLAP), reading.seq, reading.limit);
        if (mayBeGoneBy(found, reading.seq)) {
            late = join(late, lately(store.before(chat, reading.seq, reading.limit), reading.seq));
        }
        found = atOnePlace(late, found);
        if (found.isEmpty() && reading.redisHead.isEmpty()) {
            // The seq that the reader names is nobody's; where the chat ends must be known all the same.
            found = store.before(chat, reading.seq, 1);
        }
        return missed(reading, late, found);
    }

    /** Without those that the cache has at another place than where they are stored. */
    private static List<ChatMessage> atOnePlace(List<ChatMessage> stored, List<ChatMessage> found) {
        if (stored.isEmpty()) {
            return found;
        }
        Map<MessageId, Long> places = new HashMap<>();
        stored.forEach(message -> places.put(message.messageId(), message.seq()));
        return found.stream()
                .filter(message -> places.getOrDefault(message.messageId(), message.seq()) == message.seq())
                .toList();
    }

    /**
     * Whether messages with a lower seq may have come, or may still come, after the one at {@code seq}: only if it was
     * placed without Redis, or is not there at all.
     */
    private static boolean mayBeGoneBy(List<ChatMessage> found, long seq) {
        return found.stream()
                .filter(message -> message.seq() == seq)
                .map(message -> message.prevSeq() == null)
                .reduce(Boolean::logicalOr)
                .orElse(true);
    }

    private static List<ChatMessage> lately(List<ChatMessage> before, long seq) {
        long from = Seq.before(seq, DOUBT);
        return before.stream().filter(message -> message.seq() >= from).toList();
    }

    private Missed missed(Reading reading, List<ChatMessage> late, List<ChatMessage> found) {
        // Where two messages share a seq, the reader may hold either.
        List<ChatMessage> same =
                found.stream().filter(message -> message.seq() == reading.seq).toList();
        List<ChatMessage> above =
                found.stream().filter(message -> message.seq() > reading.seq).toList();
        boolean tooMany = above.size() > reading.limit;
        List<ChatMessage> after = tooMany ? above.subList(0, reading.limit) : above;
        long head = Math.max(
                reading.redisHead.orElse(0),
                found.isEmpty() ? 0 : found.getLast().seq());
        if (head > 0) {
            lastSeqs.see(RedisKeys.chatChannel(reading.chat), head);
        }
        return new Missed(
                same.size() > 1 ? join(late, same) : late,
                after,
                reading.retracted,
                tooMany,
                head,
                reading.redisUpTo,
                reading.complete);
    }

    private CompletionStage<OptionalLong> redisHead(ChatId chat) {
        return recent.headSeq(chat)
                .thenApply(head -> head.map(OptionalLong::of).orElse(OptionalLong.empty()))
                .exceptionally(redisAway -> OptionalLong.empty());
    }

    /**
     * A page of history.
     *
     * @param messages in order
     * @param more whether there are, or may be, more of them in the direction of reading
     * @param complete false where Redis could not be asked: then what is not in MongoDB yet is missing here
     */
    public record Page(List<ChatMessage> messages, boolean more, boolean complete) {}

    /** The oldest {@code limit} messages with a seq above {@code seq}; fewer where the page would end between two that share one. */
    public CompletionStage<Page> after(ChatId chat, long seq, int limit) {
        // One more than asked for says whether there are more.
        return missed(chat, seq, limit + 1).thenApply(missed -> {
            List<ChatMessage> found = missed.after();
            boolean more = found.size() > limit;
            int end = Math.min(limit, found.size());
            // A page goes on behind a seq.
            while (more && end > 1 && found.get(end).seq() == found.get(end - 1).seq()) {
                end--;
            }
            return new Page(found.subList(0, end), more, missed.complete());
        });
    }

    /** The newest {@code limit} messages with a seq below {@code seq}. */
    public CompletionStage<Page> before(ChatId chat, long seq, int limit) {
        return heads.beSureOf(chat).thenCompose(sure -> {
            long seen = seen(chat, 0);
            // Both on their way at once; the head first, as above.
            CompletionStage<OptionalLong> head = redisHead(chat);
            // One more than asked for says whether there are more.
            return cached(recent.before(chat, seq, limit + 1))
                    .thenCombine(
                            head,
                            (read, redisHead) ->
                                    page(chat, seq, limit, read, read.isPresent() && redisHead.orElse(0) < seen))
                    .thenCompose(page -> page);
        });
    }

    /** @param isBehind whether Redis has lost its newest memory of the chat */
    private CompletionStage<Page> page(ChatId chat, long seq, int limit, Optional<Slice> read, boolean isBehind) {
        boolean complete = read.isPresent();
        Slice slice = read.orElse(NOTHING);
        List<ChatMessage> sure = aboveFloor(slice);
        if (sure.size() > limit && !isBehind) {
            return CompletableFuture.completedStage(page(sure, limit, complete));
        }
        return blocking.call(() -> page(join(store.before(chat, seq, limit + 1), slice.messages()), limit, complete))
                .exceptionallyCompose(mongoAway -> sure.isEmpty()
                        ? CompletableFuture.failedStage(mongoAway)
                        // What is recent can be read; who asks for more is told when to come back.
                        : CompletableFuture.completedStage(new Page(sure, true, complete)));
    }

    private static Page page(List<ChatMessage> found, int limit, boolean complete) {
        int surplus = Math.max(0, found.size() - limit);
        // A page goes on behind a seq, so it must not end between two messages that share one.
        while (surplus > 0
                && surplus < found.size() - 1
                && found.get(surplus).seq() == found.get(surplus - 1).seq()) {
            surplus++;
        }
        return new Page(found.subList(surplus, found.size()), surplus > 0, complete);
    }

    private static List<ChatMessage> aboveFloor(Slice slice) {
        return slice.messages().stream()
                .filter(message -> slice.floor().isPresent()
                        && message.seq() > slice.floor().getAsLong())
                .toList();
    }

    /**
     * Where a reader stands who has read nothing and wants nothing of it.
     *
     * @param head seq of the newest message, 0 for an empty chat
     * @param inOrderUpTo as in {@link Missed}
     * @param complete as in {@link Missed}
     */
    public record Head(long head, long inOrderUpTo, boolean complete) {}

    public CompletionStage<Head> head(ChatId chat) {
        return heads.beSureOf(chat)
                .thenCompose(sure -> recent.headSeq(chat))
                .thenApply(Optional::of)
                .exceptionally(redisAway -> Optional.empty())
                .thenCompose(answer -> {
                    Optional<Long> seq = answer.flatMap(known -> known);
                    if (seq.isPresent()) {
                        long seen = lastSeqs.of(RedisKeys.chatChannel(chat)).orElse(0);
                        return CompletableFuture.completedStage(new Head(Math.max(seq.get(), seen), seq.get(), true));
                    }
                    return blocking.call(() -> {
                        List<ChatMessage> newest = store.before(chat, Long.MAX_VALUE, 1);
                        return new Head(
                                newest.isEmpty() ? 0L : newest.getFirst().seq(), 0, answer.isPresent());
                    });
                })
                .thenApply(found -> {
                    lastSeqs.see(RedisKeys.chatChannel(chat), found.head());
                    return found;
                });
    }

    /** Empty where Redis can not be asked. */
    private static CompletionStage<Optional<Slice>> cached(CompletionStage<Slice> slice) {
        return slice.thenApply(Optional::of).exceptionally(redisAway -> {
            LOG.debug("history without the recent cache: {}", redisAway.toString());
            return Optional.empty();
        });
    }

    private static List<ChatMessage> join(Collection<ChatMessage> stored, Collection<ChatMessage> cached) {
        if (stored.isEmpty()) {
            return List.copyOf(cached);
        }
        Map<MessageId, ChatMessage> byId = new LinkedHashMap<>();
        stored.forEach(message -> byId.put(message.messageId(), message));
        cached.forEach(message -> byId.putIfAbsent(message.messageId(), message));
        List<ChatMessage> joined = new ArrayList<>(byId.values());
        joined.sort(ChatMessage.ORDER);
        return joined;
    }
}
