package dev.parley.tier.message;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.ChatStore;
import dev.parley.mongo.MessageLog;
import dev.parley.mongo.PendingMessages;
import dev.parley.redis.ChatCaches;
import dev.parley.tier.TierSettings;
import dev.parley.tier.history.LastSeqs;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.MessageDraft;
import dev.parley.wire.Seq;
import io.micronaut.context.annotation.Context;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts messages into MongoDB from here, while RabbitMQ can not take them or Redis can not place them: with the persist
 * function's own code, one batch at a time in the order of the calls, at most {@link TierSettings#directWrites} waiting.
 * What the persist function would do besides is noted first, and done by {@link Settling}. Thread-safe.
 */
@Context
final class DirectStore {

    private static final Logger LOG = LoggerFactory.getLogger(DirectStore.class);
    private static final int BATCH = 200;

    /** Who sent it has long given up waiting, and tries again. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /**
     * The message as it is stored.
     *
     * @param isNew false where the same message was stored before, perhaps at another place
     */
    record Stored(ChatMessage message, boolean isNew) {}

    /** A message that wants to be stored: with its place, or without one because Redis is away. */
    private record Wish(
            @Nullable ChatMessage placed,
            @Nullable MessageDraft draft,
            ChatStore.Type type,
            long since,
            CompletableFuture<Stored> stored) {

        boolean isTooOld() {
            return System.nanoTime() - since > LONGEST_WAIT.toNanos();
        }

        MessageId messageId() {
            return placed != null
                    ? placed.messageId()
                    : Objects.requireNonNull(draft).messageId();
        }

        ChatId chatId() {
            return placed != null
                    ? placed.chatId()
                    : Objects.requireNonNull(draft).chatId();
        }
    }

    private final MessageLog log;
    private final ChatStore chats;
    private final PendingMessages pending;
    private final LastSeqs lastSeqs;
    private final Settling settling;
    private final ChatCaches caches;
    private final Breakers breakers;
    private final Clock clock;
    private final BlockingQueue<Wish> waiting;
    private final Thread writer;
    private volatile boolean running = true;

    DirectStore(
            MessageLog log,
            ChatStore chats,
            PendingMessages pending,
            LastSeqs lastSeqs,
            Settling settling,
            ChatCaches caches,
            Breakers breakers,
            Clock clock,
            TierSettings settings) {
        this.log = log;
        this.chats = chats;
        this.pending = pending;
        this.lastSeqs = lastSeqs;
        this.settling = settling;
        this.caches = caches;
        this.breakers = breakers;
        this.clock = clock;
        this.waiting = new ArrayBlockingQueue<>(settings.directWrites());
        this.writer = Thread.ofVirtual().name("direct-store").start(this::run);
    }

    /** Stores a message that has its place and was shown. Fails with {@link ServerAwayException}. */
    CompletionStage<Stored> store(ChatMessage placed, ChatStore.Type type) {
        return offer(new Wish(placed, null, type, System.nanoTime(), new CompletableFuture<>()));
    }

    /**
     * Gives a message a place without Redis, and stores it: {@code max(clock, highest seq seen + 1)}, with no
     * {@code prevSeq}, because nobody can say what other instances place meanwhile. Fails with
     * {@link ServerAwayException}.
     */
    CompletionStage<Stored> place(MessageDraft draft, ChatStore.Type type) {
        return offer(new Wish(null, draft, type, System.nanoTime(), new CompletableFuture<>()));
    }

    private CompletionStage<Stored> offer(Wish wish) {
        if (!running || !waiting.offer(wish)) {
            wish.stored.completeExceptionally(new ServerAwayException("MongoDB", "too many direct writes are waiting"));
        }
        return wish.stored;
    }

    private void run() {
        List<Wish> batch = new ArrayList<>(BATCH);
        try {
            while (running || !waiting.isEmpty()) {
                Wish first = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.clear();
                    batch.add(first);
                    waiting.drainTo(batch, BATCH - 1);
                    List<Wish> tooOld = batch.stream().filter(Wish::isTooOld).toList();
                    fail(tooOld, new ServerAwayException("MongoDB", "direct writes take too long"));
                    batch.removeAll(tooOld);
                    if (!batch.isEmpty()) {
                        write(batch);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Never throws: whatever goes wrong, it must not end the only writer. */
    private void write(List<Wish> batch) {
        try {
            Instant now = clock.instant();
            Map<MessageId, ChatMessage> messages = place(batch, now);
            List<PendingMessages.Entry> entries = new ArrayList<>(messages.size());
            Set<MessageId> unplaced = new LinkedHashSet<>();
            for (Wish wish : batch) {
                if (wish.placed == null) {
                    unplaced.add(wish.messageId());
                }
                entries.add(new PendingMessages.Entry(
                        wish.messageId(), wish.type.wireName(), true, wish.placed == null, now));
            }
            pending.add(entries);
            List<ChatMessage> inOrder = new ArrayList<>();
            List<ChatMessage> late = new ArrayList<>();
            messages.forEach((id, message) -> (unplaced.contains(id) ? late : inOrder).add(message));
            // One after the other: what is stored is answered, whatever becomes of the rest.
            persist(inOrder, null, batch);
            persist(late, Seq.at(now), batch);
            settling.nudge();
            forgetChatLists(messages.values());
        } catch (ServerAwayException away) {
            fail(batch, away);
        } catch (Throwable unexpected) {
            LOG.error("a direct write of {} messages failed", batch.size(), unexpected);
            fail(batch, new ServerAwayException("MongoDB", unexpected));
        }
    }

    private void persist(List<ChatMessage> messages, @Nullable Long lateMicros, List<Wish> batch) {
        if (messages.isEmpty()) {
            return;
        }
        Map<MessageId, ChatMessage> keptInstead =
                log.persist(messages, lateMicros).instead();
        Map<MessageId, ChatMessage> given = new LinkedHashMap<>();
        messages.forEach(message -> given.put(message.messageId(), message));
        for (Wish wish : batch) {
            ChatMessage mine = given.get(wish.messageId());
            if (mine != null) {
                ChatMessage kept = keptInstead.get(wish.messageId());
                wish.stored.complete(kept != null ? new Stored(kept, false) : new Stored(mine, true));
            }
        }
    }

    /** They show the newest message, and the persist function hears of it only when RabbitMQ is back. */
    private void forgetChatLists(Collection<ChatMessage> stored) {
        if (breakers.isAway(Server.REDIS)) {
            caches.missedInvalidation();
            return;
        }
        Set<UserId> members = new LinkedHashSet<>();
        try {
            chats.members(stored.stream().map(ChatMessage::chatId).distinct().toList())
                    .values()
                    .forEach(members::addAll);
        } catch (ServerAwayException away) {
            caches.missedInvalidation();
            return;
        }
        var _ = caches.forgetChatLists(members).exceptionally(redisAway -> null);
    }

    private static void fail(List<Wish> batch, ServerAwayException away) {
        batch.forEach(wish -> wish.stored.completeExceptionally(away));
    }

    /** The messages of the batch by id, each once, all with a place. */
    private Map<MessageId, ChatMessage> place(List<Wish> batch, Instant now) {
        Set<ChatId> unknown = new LinkedHashSet<>();
        for (Wish wish : batch) {
            if (wish.placed == null
                    && lastSeqs.of(RedisKeys.chatChannel(wish.chatId())).isEmpty()) {
                unknown.add(wish.chatId());
            }
        }
        if (!unknown.isEmpty()) {
            Map<ChatId, Long> latest = chats.latestSeqs(unknown);
            unknown.forEach(chat -> lastSeqs.see(RedisKeys.chatChannel(chat), latest.getOrDefault(chat, 0L)));
        }
        Map<MessageId, ChatMessage> messages = new LinkedHashMap<>();
        for (Wish wish : batch) {
            if (wish.placed != null) {
                messages.put(wish.messageId(), wish.placed);
            } else if (wish.draft != null && !messages.containsKey(wish.messageId())) {
                String channel = RedisKeys.chatChannel(wish.chatId());
                OptionalLong last = lastSeqs.of(channel);
                long seq = Math.max(Seq.at(now), last.orElse(0) + 1);
                lastSeqs.seeOutOfOrder(channel, seq);
                messages.put(wish.messageId(), wish.draft.at(seq, null));
            }
        }
        return messages;
    }

    /** Takes no more, and returns when what was taken is stored or has failed. */
    @PreDestroy
    void close() throws InterruptedException {
        running = false;
        writer.join(TimeUnit.SECONDS.toMillis(10));
    }
}
