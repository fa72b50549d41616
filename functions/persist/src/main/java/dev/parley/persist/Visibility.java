package dev.parley.persist;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.MessageId;
import dev.parley.keys.RedisKeys;
import dev.parley.mongo.MessageStore;
import dev.parley.mongo.PendingMessages;
import dev.parley.queue.LiveExchange;
import dev.parley.queue.QueueEvent.MessagePosted;
import dev.parley.redis.RecentMessages;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Json;
import dev.parley.wire.RoomEvent;
import dev.parley.wire.Seq;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that whoever is connected has been shown what is stored now. Normally Redis has shown a message when it was
 * placed, and remembers it. Where it does not, because it lost its memory in between or because the message was placed
 * without it, the message is announced once more; while Redis is away that is left to {@link PendingMessages}, and the
 * message goes through the exchange meanwhile. Readers drop what they hold. Used by one batch at a time.
 */
@Singleton
final class Visibility {

    private static final Logger LOG = LoggerFactory.getLogger(Visibility.class);
    private static final int EXCHANGE_TIMEOUT_SECONDS = 5;

    private final Breakers breakers;
    private final RecentMessages recent;
    private final MessageStore messages;
    private final PendingMessages pending;
    private final LiveExchange exchange;
    private final Json json;
    private final Clock clock;

    Visibility(
            Breakers breakers,
            RecentMessages recent,
            MessageStore messages,
            PendingMessages pending,
            LiveExchange exchange,
            Json json,
            Clock clock) {
        this.breakers = breakers;
        this.recent = recent;
        this.messages = messages;
        this.pending = pending;
        this.exchange = exchange;
        this.json = json;
        this.clock = clock;
    }

    /** These are stored as they are. */
    void ensure(List<MessagePosted> stored) {
        if (stored.isEmpty()) {
            return;
        }
        List<MessagePosted> unknown = stored;
        if (!breakers.isAway(Server.REDIS)) {
            try {
                unknown = unknownToRedis(stored);
                announce(unknown.stream().map(MessagePosted::message).toList());
                return;
            } catch (CompletionException e) {
                awayOrThrow(e);
                LOG.info("messages are announced when Redis is back: {}", e.getMessage());
            }
        }
        later(unknown);
    }

    private List<MessagePosted> unknownToRedis(List<MessagePosted> stored) {
        List<CompletableFuture<Boolean>> known = new ArrayList<>(stored.size());
        for (MessagePosted event : stored) {
            known.add(recent.noteStored(event.message()).toCompletableFuture());
        }
        CompletableFuture.allOf(known.toArray(CompletableFuture[]::new)).join();
        List<MessagePosted> unknown = new ArrayList<>();
        for (int i = 0; i < known.size(); i++) {
            if (!known.get(i).join()) {
                unknown.add(stored.get(i));
            }
        }
        return unknown;
    }

    private void announce(List<ChatMessage> unknown) {
        if (unknown.isEmpty()) {
            return;
        }
        LOG.info("{} messages are announced again: Redis did not know them", unknown.size());
        // First the mark, then the announcement: who resumes in between finds the mark.
        messages.markLate(unknown.stream().map(ChatMessage::messageId).toList(), Seq.at(clock.instant()));
        CompletableFuture.allOf(unknown.stream()
                        .map(message -> recent.announce(message).toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    private void later(List<MessagePosted> unknown) {
        List<MessageId> ids =
                unknown.stream().map(event -> event.message().messageId()).toList();
        pending.add(unknown.stream()
                .map(event -> new PendingMessages.Entry(
                        event.message().messageId(), event.chatType(), false, true, clock.instant()))
                .toList());
        messages.markLate(ids, Seq.at(clock.instant()));
        List<CompletionStage<Void>> published = new ArrayList<>();
        for (MessagePosted event : unknown) {
            ChatMessage message = event.message();
            byte[] late = RoomEvent.of(message, false, json).encode();
            published.add(exchange.publish(RedisKeys.chatChannel(message.chatId()), late));
        }
        try {
            CompletableFuture.allOf(published.stream()
                            .map(CompletionStage::toCompletableFuture)
                            .toArray(CompletableFuture[]::new))
                    .orTimeout(EXCHANGE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            // They are among the pending ones, so they are only later.
            LOG.warn("messages were not shown through the exchange: {}", e.getMessage());
        }
    }

    /** What was shown at another place than the one that is kept is taken back there and shown here. */
    void correct(MessagePosted event, ChatMessage kept) {
        ChatMessage shown = event.message();
        LOG.info("message {} was placed twice: {} gives way to {}", kept.messageId(), shown.seq(), kept.seq());
        // First the mark: who resumes behind the retraction must be given the place that is kept.
        messages.markLate(List.of(kept.messageId()), Seq.at(clock.instant()));
        try {
            recent.retract(shown)
                    .thenCompose(done -> recent.announce(kept))
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            awayOrThrow(e);
            pending.add(List.of(
                    new PendingMessages.Entry(kept.messageId(), event.chatType(), false, true, clock.instant())));
        }
    }

    private static void awayOrThrow(CompletionException e) {
        if (!ServerAwayException.isCauseOf(e)) {
            throw e;
        }
    }
}
