package dev.parley.tier.message;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.MessageId;
import dev.parley.mongo.MessageStore;
import dev.parley.mongo.PendingMessages;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.redis.RecentMessages;
import dev.parley.wire.ChatMessage;
import dev.parley.wire.Seq;
import io.micronaut.context.annotation.Context;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what was left undone while a server was away: announces messages through Redis that it did not place, and
 * publishes to the queue what went to MongoDB directly. Every instance does it, also for those that died; doing it twice
 * has no other effect than once. It looks when a server comes back, soon after this instance left something undone, and
 * now and then.
 */
@Context
final class Settling {

    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);
    private static final int BATCH = 500;
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration NOW_AND_THEN = Duration.ofSeconds(20);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** An entry is written before its message; if that has not come by then, it never will. */
    private static final Duration ABANDONED = Duration.ofMinutes(2);

    private final PendingMessages pending;
    private final MessageStore messages;
    private final RecentMessages recent;
    private final QueuePublisher publisher;
    private final QueueCodec codec;
    private final Breakers breakers;
    private final Clock clock;
    private final Semaphore nudges = new Semaphore(0);
    private final Thread worker;
    private volatile boolean running = true;

    Settling(
            PendingMessages pending,
            MessageStore messages,
            RecentMessages recent,
            QueuePublisher publisher,
            QueueCodec codec,
            Breakers breakers,
            Clock clock) {
        this.pending = pending;
        this.messages = messages;
        this.recent = recent;
        this.publisher = publisher;
        this.codec = codec;
        this.breakers = breakers;
        this.clock = clock;
        breakers.listen((server, away) -> {
            if (!away) {
                nudge();
            }
        });
        this.worker = Thread.ofVirtual().name("settling").start(this::run);
    }

    /** Something was left undone here. */
    void nudge() {
        if (nudges.availablePermits() == 0) {
            nudges.release();
        }
    }

    private void run() {
        try {
            while (running) {
                // Spread, so that instances do not all look at once.
                long millis = NOW_AND_THEN.toMillis();
                nudges.tryAcquire(ThreadLocalRandom.current().nextLong(millis / 2, millis), TimeUnit.MILLISECONDS);
                Thread.sleep(SOON);
                settleAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Never throws: it is tried again. */
    private void settleAll() {
        try {
            // Apart, because what waits for one server must not wait behind what waits for the other.
            while (running && !breakers.isAway(Server.REDIS) && announce(pending.toAnnounce(BATCH))) {
                LOG.debug("more to announce");
            }
            while (running && !breakers.isAway(Server.RABBITMQ) && queue(pending.toQueue(BATCH))) {
                LOG.debug("more to queue");
            }
        } catch (ServerAwayException away) {
            LOG.debug("settling goes on later: {}", away.getMessage());
        } catch (RuntimeException unexpected) {
            if (running) {
                LOG.error("settling failed and is tried again", unexpected);
            }
        }
    }

    /** Answers whether there is more that can be done now. */
    private boolean announce(List<PendingMessages.Entry> entries) {
        Map<MessageId, ChatMessage> stored = stored(entries);
        List<PendingMessages.Entry> due = due(entries, stored);
        // First the mark, then the announcement: who resumes in between finds the mark.
        messages.markLate(due.stream().map(PendingMessages.Entry::messageId).toList(), Seq.at(clock.instant()));
        List<MessageId> announced =
                each(due, entry -> recent.announce(message(stored, entry)).toCompletableFuture());
        pending.announced(announced);
        if (!announced.isEmpty()) {
            LOG.info("{} messages announced that Redis did not place", announced.size());
        }
        return entries.size() == BATCH && !announced.isEmpty();
    }

    /** Answers whether there is more that can be done now. */
    private boolean queue(List<PendingMessages.Entry> entries) {
        Map<MessageId, ChatMessage> stored = stored(entries);
        List<MessageId> queued = each(due(entries, stored), entry -> publish(message(stored, entry), entry.chatType()));
        pending.queued(queued);
        if (!queued.isEmpty()) {
            LOG.info("{} messages queued that went to MongoDB directly", queued.size());
        }
        return entries.size() == BATCH && !queued.isEmpty();
    }

    private Map<MessageId, ChatMessage> stored(List<PendingMessages.Entry> entries) {
        return messages.find(
                entries.stream().map(PendingMessages.Entry::messageId).toList());
    }

    /** Those whose messages are stored; entries whose messages never came are dropped. */
    private List<PendingMessages.Entry> due(List<PendingMessages.Entry> entries, Map<MessageId, ChatMessage> stored) {
        pending.drop(entries.stream()
                .filter(entry -> !stored.containsKey(entry.messageId())
                        && entry.since().plus(ABANDONED).isBefore(clock.instant()))
                .map(PendingMessages.Entry::messageId)
                .toList());
        return entries.stream()
                .filter(entry -> stored.containsKey(entry.messageId()))
                .toList();
    }

    private static ChatMessage message(Map<MessageId, ChatMessage> stored, PendingMessages.Entry entry) {
        ChatMessage message = stored.get(entry.messageId());
        if (message == null) {
            throw new IllegalStateException("not stored: " + entry.messageId());
        }
        return message;
    }

    private CompletableFuture<Void> publish(ChatMessage message, String chatType) {
        byte[] body = codec.encode(new QueueEvent.MessagePosted(message, chatType));
        return publisher
                .publish(Publication.to(QueueName.MESSAGE_PERSIST, body, 0))
                .toCompletableFuture();
    }

    /** Does it for each at once; answers those that succeeded. */
    private static List<MessageId> each(
            List<PendingMessages.Entry> entries, Function<PendingMessages.Entry, CompletableFuture<Void>> what) {
        List<CompletableFuture<Void>> started = entries.stream()
                .map(entry -> what.apply(entry).orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS))
                .toList();
        List<MessageId> done = new ArrayList<>();
        for (int i = 0; i < started.size(); i++) {
            try {
                started.get(i).join();
                done.add(entries.get(i).messageId());
            } catch (CompletionException e) {
                LOG.debug("message {} is settled later: {}", entries.get(i).messageId(), e.getMessage());
            }
        }
        return done;
    }

    @PreDestroy
    void close() throws InterruptedException {
        running = false;
        worker.interrupt();
        worker.join(TimeUnit.SECONDS.toMillis(5));
    }
}
