package dev.parley.local.queue;

import dev.parley.queue.Address;
import dev.parley.queue.Delivery;
import dev.parley.queue.Publication;
import dev.parley.queue.PublishException;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.queue.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues of the local mode. Confirmed means written: with a directory, to a file, so that a killed process loses
 * nothing that it has confirmed; without one, to memory. One thread writes, many publications in one commit. Thread-safe.
 */
public final class InProcessQueues implements QueuePublisher, QueueConsumer, QueueDepth, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InProcessQueues.class);
    private static final String FILE = "queues.mv.db";
    private static final int MAX_UNCONFIRMED = 50_000;
    private static final int COMMIT_BATCH = 1_000;
    private static final long EXPIRY_INTERVAL_MS = 50;
    private static final long PAUSE_AFTER_FAILURE_MS = 1_000;

    private record Pending(Publication publication, CompletableFuture<Void> confirmed) {}

    private final Topology topology;
    private final MVStore store;
    private final Map<String, StoredQueue> queues = new HashMap<>();
    private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MAX_UNCONFIRMED);
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final Thread writer;
    private volatile boolean running = true;

    /** Opens the queues; {@code directory} null keeps them in memory. */
    public InProcessQueues(Topology topology, @Nullable Path directory) {
        this.topology = topology;
        this.store = new MVStore.Builder()
                .fileName(directory == null ? null : directory.resolve(FILE).toString())
                .autoCommitDisabled()
                .open();
        for (Topology.Queue queue : topology.queues()) {
            open(queue.name(), queue.maxLength());
            open(queue.deadLetterQueue(), Long.MAX_VALUE);
            for (int attempt = 1; attempt <= topology.retryDelaysMs().size(); attempt++) {
                open(queue.retryQueue(attempt), Long.MAX_VALUE);
            }
        }
        this.writer = Thread.ofPlatform().daemon().name("queue-writer").start(this::write);
    }

    private void open(String name, long maxLength) {
        queues.put(name, new StoredQueue(name, maxLength, store.openMap(name)));
    }

    @Override
    public CompletionStage<Void> publish(Publication publication) {
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        if (!running || !waiting.offer(new Pending(publication, confirmed))) {
            confirmed.completeExceptionally(new PublishException("the queues are closed or too busy"));
        }
        return confirmed;
    }

    private void write() {
        long nextExpiry = 0;
        while (running || !waiting.isEmpty()) {
            try {
                Pending first = waiting.poll(EXPIRY_INTERVAL_MS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    commit(first);
                }
                if (System.nanoTime() >= nextExpiry) {
                    moveExpired();
                    nextExpiry = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(EXPIRY_INTERVAL_MS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.error("the queues cannot be written", e);
            }
        }
    }

    private void commit(Pending first) {
        List<Pending> batch = new ArrayList<>();
        batch.add(first);
        waiting.drainTo(batch, COMMIT_BATCH - 1);
        List<CompletableFuture<Void>> written = new ArrayList<>(batch.size());
        long now = System.currentTimeMillis();
        for (Pending pending : batch) {
            StoredQueue queue = queue(name(pending.publication().address()));
            if (queue.add(StoredMessage.of(pending.publication(), queuedAt(pending.publication(), now)))) {
                written.add(pending.confirmed());
            } else {
                pending.confirmed().completeExceptionally(new PublishException(queue.name() + " is full"));
            }
        }
        try {
            store.commit();
        } catch (RuntimeException e) {
            PublishException failure = new PublishException("the queues cannot be written", e);
            written.forEach(confirmed -> confirmed.completeExceptionally(failure));
            throw e;
        }
        written.forEach(confirmed -> confirmed.complete(null));
    }

    /** What is to wait for a part of its delay counts as if it had waited for the rest. */
    private long queuedAt(Publication publication, long now) {
        return publication.address() instanceof Address.Retry retry
                ? now - topology.retryDelaysMs().get(retry.attempt() - 1) + retry.delayMs(topology)
                : now;
    }

    private StoredQueue queue(String name) {
        StoredQueue queue = queues.get(name);
        if (queue == null) {
            throw new IllegalStateException("no queue " + name);
        }
        return queue;
    }

    private String name(Address address) {
        Topology.Queue queue = topology.queue(address.queue());
        return switch (address) {
            case Address.Main main -> queue.name();
            case Address.Retry retry -> queue.retryQueue(retry.attempt());
            case Address.DeadLetter dead -> queue.deadLetterQueue();
        };
    }

    /** What is too old goes to the dead letters; what has waited in a retry queue goes back to its queue. */
    private void moveExpired() {
        long now = System.currentTimeMillis();
        boolean moved = false;
        for (Topology.Queue queue : topology.queues()) {
            StoredQueue main = queue(queue.name());
            StoredQueue deadLetters = queue(queue.deadLetterQueue());
            if (queue.messageTtlMs() != null) {
                moved |= main.moveOlderThan(
                        now - queue.messageTtlMs(),
                        old -> deadLetters.add(old.movedAt(now).with(Map.of("x-first-death-reason", "expired"))));
            }
            for (int attempt = 1; attempt <= topology.retryDelaysMs().size(); attempt++) {
                long delay = topology.retryDelaysMs().get(attempt - 1);
                // Where the queue is full, what is due waits for room.
                moved |= queue(queue.retryQueue(attempt)).moveOlderThan(now - delay, due -> main.add(due.movedAt(now)));
            }
        }
        if (moved) {
            store.commit();
        }
    }

    @Override
    public Subscription consume(QueueName name, Options options, BatchHandler handler) {
        Loop loop = new Loop(name, queue(name.brokerName()), options, handler);
        loops.add(loop);
        return loop;
    }

    @Override
    public long waiting(QueueName name) {
        return queue(name.brokerName()).waiting();
    }

    /** Takes the dead letters of a queue out. */
    public List<Delivery> takeDeadLetters(QueueName name) {
        StoredQueue deadLetters = deadLetters(name);
        List<StoredQueue.Taken> taken = deadLetters.take(Integer.MAX_VALUE);
        deadLetters.acknowledge(taken);
        return taken.stream().map(one -> delivery(name, one.message())).toList();
    }

    StoredQueue deadLetters(QueueName name) {
        return queue(topology.queue(name).deadLetterQueue());
    }

    /** Removes messages for good. */
    void remove(StoredQueue queue, List<StoredQueue.Taken> messages) {
        queue.acknowledge(messages);
        store.commit();
    }

    static Delivery delivery(QueueName name, StoredMessage message) {
        return new Delivery(name, message.body(), message.priority(), message.headers(), message.redelivered());
    }

    private final class Loop implements Subscription, Runnable {
        private final QueueName name;
        private final StoredQueue queue;
        private final Options options;
        private final BatchHandler handler;
        private final Thread thread;
        private volatile boolean consuming = true;

        Loop(QueueName name, StoredQueue queue, Options options, BatchHandler handler) {
            this.name = name;
            this.queue = queue;
            this.options = options;
            this.handler = handler;
            this.thread = Thread.ofPlatform()
                    .daemon()
                    .name("consume-" + name.brokerName())
                    .start(this);
        }

        @Override
        public boolean isConsuming() {
            return consuming;
        }

        @Override
        public void run() {
            while (consuming) {
                try {
                    queue.awaitMessages(100);
                    List<StoredQueue.Taken> batch = queue.take(options.batchSize());
                    if (!batch.isEmpty()) {
                        work(batch);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        private void work(List<StoredQueue.Taken> batch) throws InterruptedException {
            try {
                handler.handle(
                        batch.stream().map(one -> delivery(name, one.message())).toList());
                queue.acknowledge(batch);
            } catch (InterruptedException e) {
                queue.giveBack(batch);
                throw e;
            } catch (Throwable e) {
                // Errors too: whatever went wrong, it must not end the only thread that consumes this queue.
                LOG.warn("a batch of {} failed and will be delivered again", queue.name(), e);
                Thread.sleep(PAUSE_AFTER_FAILURE_MS);
                queue.giveBack(batch);
            }
        }

        @Override
        public void close() {
            consuming = false;
            loops.remove(this);
            try {
                if (!thread.join(Duration.ofSeconds(30))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        List.copyOf(loops).forEach(Loop::close);
        running = false;
        try {
            if (!writer.join(Duration.ofSeconds(10))) {
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            writer.interrupt();
            Thread.currentThread().interrupt();
        }
        store.close();
    }
}
