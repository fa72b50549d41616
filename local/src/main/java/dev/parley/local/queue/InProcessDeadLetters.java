package dev.parley.local.queue;

import dev.parley.connect.ServerAwayException;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueName;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of {@link InProcessQueues}. One operation at a time, on all queues together. Lists go by
 * priority, then from the oldest on.
 */
public final class InProcessDeadLetters implements DeadLetters {

    private final InProcessQueues queues;

    public InProcessDeadLetters(InProcessQueues queues) {
        this.queues = queues;
    }

    @Override
    public synchronized Map<QueueName, Long> counts() {
        Map<QueueName, Long> counts = new EnumMap<>(QueueName.class);
        for (QueueName queue : QueueName.values()) {
            counts.put(queue, queues.deadLetters(queue).size());
        }
        return counts;
    }

    @Override
    public synchronized List<Letter> list(QueueName queue, int limit) {
        return queues.deadLetters(queue).look(Math.min(limit, MAX_LIMIT)).stream()
                .map(found -> letter(queue, found))
                .toList();
    }

    @Override
    public synchronized Optional<Letter> find(QueueName queue, String id) {
        return look(queue, id).map(found -> letter(queue, found));
    }

    @Override
    public synchronized boolean replay(QueueName queue, String id) {
        Optional<StoredQueue.Taken> found = look(queue, id);
        found.ifPresent(one -> replay(queue, one));
        return found.isPresent();
    }

    @Override
    public synchronized long replayAll(QueueName queue) {
        List<StoredQueue.Taken> all = queues.deadLetters(queue).look(MAX_SCAN);
        all.forEach(one -> replay(queue, one));
        return all.size();
    }

    private void replay(QueueName queue, StoredQueue.Taken letter) {
        try {
            queues.publish(DeadLetters.again(delivery(queue, letter)))
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new ServerAwayException("The queue", e.getCause() == null ? e : e.getCause());
        }
        queues.remove(queues.deadLetters(queue), List.of(letter));
    }

    @Override
    public synchronized boolean drop(QueueName queue, String id) {
        Optional<StoredQueue.Taken> found = look(queue, id);
        found.ifPresent(one -> queues.remove(queues.deadLetters(queue), List.of(one)));
        return found.isPresent();
    }

    @Override
    public synchronized long dropAll(QueueName queue) {
        List<StoredQueue.Taken> all = queues.deadLetters(queue).look(Integer.MAX_VALUE);
        queues.remove(queues.deadLetters(queue), all);
        return all.size();
    }

    private Optional<StoredQueue.Taken> look(QueueName queue, String id) {
        return queues.deadLetters(queue).look(MAX_SCAN).stream()
                .filter(one -> Letter.idOf(one.message().body()).equals(id))
                .findFirst();
    }

    private static Delivery delivery(QueueName queue, StoredQueue.Taken letter) {
        return InProcessQueues.delivery(queue, letter.message());
    }

    private static Letter letter(QueueName queue, StoredQueue.Taken found) {
        StoredMessage message = found.message();
        Object reason = message.headers().get("x-first-death-reason");
        @Nullable
        Death death = reason == null
                ? null
                : new Death(
                        reason.toString(),
                        queue.brokerName(),
                        Instant.ofEpochMilli(message.queuedAt()).toString());
        return Letter.of(delivery(queue, found), death);
    }
}
