package dev.parley.persist;

import dev.parley.connect.ServerAwayException;
import dev.parley.function.BatchFunction;
import dev.parley.function.Outcome;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.mongo.ChatStore;
import dev.parley.mongo.MessageLog;
import dev.parley.mongo.MessageStore;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueEvent.MessagePosted;
import dev.parley.queue.QueueEvent.MessageToIndex;
import dev.parley.queue.QueueEvent.NotificationRequested;
import dev.parley.queue.QueuePublisher;
import dev.parley.wire.ChatMessage;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Stores a batch of messages and does what follows from it. Every step may be done again without another effect: the
 * upsert keeps what is there, the latest message only moves forward, and those downstream drop what they have seen. So a
 * batch that is delivered twice, or was cut off at any point, comes out the same.
 */
@Singleton
final class PersistMessages implements BatchFunction<MessagePosted> {

    private static final int NOTIFY_PRIORITY_DIRECT = 5;
    private static final int NOTIFY_PRIORITY_GROUP = 1;
    private static final Duration REDELIVERED_WITHIN = Duration.ofMinutes(10);
    private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(30);

    private final MessageLog log;
    private final ChatStore chats;
    private final Visibility visibility;
    private final CacheUpkeep caches;
    private final QueuePublisher publisher;
    private final QueueCodec codec;
    private final Clock clock;

    PersistMessages(
            MessageLog log,
            ChatStore chats,
            Visibility visibility,
            CacheUpkeep caches,
            QueuePublisher publisher,
            QueueCodec codec,
            Clock clock) {
        this.log = log;
        this.chats = chats;
        this.visibility = visibility;
        this.caches = caches;
        this.publisher = publisher;
        this.codec = codec;
        this.clock = clock;
    }

    @Override
    public Class<MessagePosted> eventType() {
        return MessagePosted.class;
    }

    @Override
    public List<Outcome> handle(List<MessagePosted> batch) {
        MessageStore.Stored persisted =
                log.persist(batch.stream().map(MessagePosted::message).toList(), null);
        Map<MessageId, ChatMessage> keptInstead = persisted.instead();
        List<MessagePosted> stored = batch.stream()
                .filter(event -> isKept(event.message(), keptInstead))
                .toList();
        for (MessagePosted event : batch) {
            ChatMessage kept = keptInstead.get(event.message().messageId());
            if (kept != null && !isKept(event.message(), keptInstead)) {
                visibility.correct(event, kept);
            }
        }
        visibility.ensure(stored);

        Map<ChatId, List<UserId>> members = chats.members(chatsOf(stored));
        Set<UserId> everybody = new HashSet<>();
        members.values().forEach(everybody::addAll);
        caches.forgetChatLists(everybody);
        Set<UserId> offline = caches.offline(everybody);

        List<CompletableFuture<Void>> published = new ArrayList<>();
        for (MessagePosted event : stored) {
            published.add(publish(new MessageToIndex(event.message()), 0));
            if (wasNotified(event.message(), persisted.again())) {
                continue;
            }
            List<UserId> recipients = members.getOrDefault(event.message().chatId(), List.of()).stream()
                    .filter(user -> !user.equals(event.message().senderId()) && offline.contains(user))
                    .toList();
            published.addAll(notifyAll(event, recipients));
        }
        return settle(batch, published);
    }

    /** Both places of a message that was placed twice may be in one batch; one of them is kept. */
    private static boolean isKept(ChatMessage message, Map<MessageId, ChatMessage> keptInstead) {
        ChatMessage kept = keptInstead.get(message.messageId());
        return kept == null || (kept.seq() == message.seq() && kept.messageId().equals(message.messageId()));
    }

    /**
     * Whether an earlier delivery has surely done it. Shortly after that one it may have been cut off in between; later it
     * is a resend, and who went offline meanwhile has read the message.
     */
    private boolean wasNotified(ChatMessage message, Set<MessageId> storedBefore) {
        return storedBefore.contains(message.messageId())
                && Instant.parse(message.timestamp()).isBefore(clock.instant().minus(REDELIVERED_WITHIN));
    }

    private static Set<ChatId> chatsOf(List<MessagePosted> events) {
        Set<ChatId> chats = new HashSet<>();
        events.forEach(event -> chats.add(event.message().chatId()));
        return chats;
    }

    private List<CompletableFuture<Void>> notifyAll(MessagePosted event, List<UserId> recipients) {
        ChatMessage message = event.message();
        int priority = event.chatType().equals("direct") ? NOTIFY_PRIORITY_DIRECT : NOTIFY_PRIORITY_GROUP;
        List<CompletableFuture<Void>> published = new ArrayList<>();
        for (int from = 0; from < recipients.size(); from += NotificationRequested.MAX_RECIPIENTS) {
            List<UserId> chunk =
                    recipients.subList(from, Math.min(recipients.size(), from + NotificationRequested.MAX_RECIPIENTS));
            published.add(publish(
                    new NotificationRequested(
                            message.messageId(),
                            message.chatId(),
                            message.senderId(),
                            chunk,
                            message.type(),
                            preview(message.content()),
                            message.timestamp()),
                    priority));
        }
        return published;
    }

    private static String preview(String content) {
        int end = content.offsetByCodePoints(
                0, Math.min(NotificationRequested.PREVIEW_LENGTH, content.codePointCount(0, content.length())));
        return content.substring(0, end);
    }

    private CompletableFuture<Void> publish(QueueEvent event, int priority) {
        return publisher
                .publish(Publication.to(QueueCodec.queueOf(event.getClass()), codec.encode(event), priority))
                .toCompletableFuture();
    }

    /** The batch is done only when what follows from it is safe too. */
    private static List<Outcome> settle(List<MessagePosted> batch, List<CompletableFuture<Void>> published) {
        try {
            CompletableFuture.allOf(published.toArray(CompletableFuture[]::new))
                    .orTimeout(PUBLISH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new ServerAwayException("RabbitMQ", e);
        }
        return batch.stream().map(event -> Outcome.DONE).toList();
    }
}
