package dev.parley.local.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * One queue: highest priority first, then in order of arrival. What is taken stays in the map until it is acknowledged,
 * so that it comes back after a crash. Guarded by itself.
 */
final class StoredQueue {

    private static final int ORDER_BITS = 48;
    private static final long ORDER_MASK = (1L << ORDER_BITS) - 1;
    private static final int MAX_PRIORITY = 255;

    /** A message that was taken and is not yet acknowledged. */
    record Taken(long key, StoredMessage message) {}

    private final String name;
    private final long maxLength;
    private final MVMap<Long, byte[]> messages;
    private final Map<Long, Boolean> taken = new HashMap<>();
    private long lastOrder;

    StoredQueue(String name, long maxLength, MVMap<Long, byte[]> messages) {
        this.name = name;
        this.maxLength = maxLength;
        this.messages = messages;
        for (Long key : messages.keySet()) {
            lastOrder = Math.max(lastOrder, key & ORDER_MASK);
        }
    }

    String name() {
        return name;
    }

    /** Adds a message; false where the queue is full. */
    synchronized boolean add(StoredMessage message) {
        if (messages.sizeAsLong() >= maxLength) {
            return false;
        }
        int priority = Math.clamp(message.priority(), 0, MAX_PRIORITY);
        long key = ((long) (MAX_PRIORITY - priority) << ORDER_BITS) | ++lastOrder;
        messages.put(key, message.encode());
        notifyAll();
        return true;
    }

    synchronized long size() {
        return messages.sizeAsLong();
    }

    /** Those that are not taken. */
    synchronized long waiting() {
        return messages.sizeAsLong() - taken.size();
    }

    /** Up to {@code most} messages in the order in which they would be taken; they stay. */
    synchronized List<Taken> look(int most) {
        List<Taken> seen = take(most);
        seen.forEach(one -> taken.remove(one.key()));
        return seen;
    }

    /** Takes up to {@code most} messages, the best first; empty where there are none. */
    synchronized List<Taken> take(int most) {
        List<Taken> batch = new ArrayList<>();
        Iterator<Long> keys = messages.keyIterator(null);
        while (keys.hasNext() && batch.size() < most) {
            Long key = keys.next();
            byte @Nullable [] bytes = taken.containsKey(key) ? null : messages.get(key);
            if (bytes != null) {
                batch.add(new Taken(key, StoredMessage.decode(bytes)));
            }
        }
        batch.forEach(one -> taken.put(one.key(), true));
        return batch;
    }

    /** Waits until there may be something to take, at most so long. */
    synchronized void awaitMessages(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (messages.sizeAsLong() <= taken.size()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    synchronized void acknowledge(List<Taken> batch) {
        for (Taken one : batch) {
            messages.remove(one.key());
            taken.remove(one.key());
        }
    }

    /** Gives messages back, to be delivered again in their old places. */
    synchronized void giveBack(List<Taken> batch) {
        for (Taken one : batch) {
            messages.put(one.key(), one.message().asRedelivered().encode());
            taken.remove(one.key());
        }
        notifyAll();
    }

    /**
     * Moves those that were queued before {@code deadline} and are not at work; what is not taken stays, and so does all
     * behind it. Locks this queue, then that of the taker.
     *
     * @return whether any was moved
     */
    synchronized boolean moveOlderThan(long deadline, Predicate<StoredMessage> taker) {
        List<Long> gone = new ArrayList<>();
        Iterator<Long> keys = messages.keyIterator(null);
        while (keys.hasNext()) {
            Long key = keys.next();
            byte @Nullable [] bytes = taken.containsKey(key) ? null : messages.get(key);
            if (bytes != null) {
                StoredMessage message = StoredMessage.decode(bytes);
                if (message.queuedAt() < deadline) {
                    if (!taker.test(message)) {
                        break;
                    }
                    gone.add(key);
                }
            }
        }
        gone.forEach(messages::remove);
        return !gone.isEmpty();
    }
}
