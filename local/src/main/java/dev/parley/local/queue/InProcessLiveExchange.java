package dev.parley.local.queue;

import dev.parley.queue.LiveExchange;
import dev.parley.queue.Topology;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The live events of the local mode: hands them from one tier instance of this process to all. Thread-safe. */
public final class InProcessLiveExchange implements LiveExchange {

    private static final Logger LOG = LoggerFactory.getLogger(InProcessLiveExchange.class);

    private final int maxLength;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();

    public InProcessLiveExchange(Topology topology) {
        this.maxLength = topology.live().maxLength();
    }

    @Override
    public CompletionStage<Void> publish(String channel, byte[] event) {
        loops.forEach(loop -> loop.offer(channel, event));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Listening listen(Listener listener) {
        Loop loop = new Loop(listener);
        loops.add(loop);
        loop.thread.start();
        return loop;
    }

    /** One listener. What waits for it is bounded: the oldest event makes room for the newest. Guarded by itself. */
    private final class Loop implements Listening, Runnable {

        private final Listener listener;
        private final Thread thread =
                Thread.ofPlatform().daemon().name("live-listener").unstarted(this);
        private final Map<String, Integer> wanted = new HashMap<>();
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private boolean lost;
        private boolean running = true;

        Loop(Listener listener) {
            this.listener = listener;
        }

        synchronized void offer(String channel, byte[] event) {
            if (!wanted.containsKey(channel)) {
                return;
            }
            if (waiting.size() >= maxLength) {
                waiting.removeFirst();
                lost = true;
            }
            waiting.add(() -> {
                if (wants(channel)) {
                    listener.received(channel, event);
                }
            });
            notifyAll();
        }

        private synchronized boolean wants(String channel) {
            return wanted.containsKey(channel);
        }

        @Override
        public synchronized void add(String channel) {
            if (wanted.merge(channel, 1, Integer::sum) == 1) {
                waiting.add(() -> listener.listening(channel));
                notifyAll();
            }
        }

        @Override
        public synchronized void remove(String channel) {
            wanted.computeIfPresent(channel, (name, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
        }

        @Override
        public void run() {
            call(listener::restored);
            while (true) {
                Runnable next;
                boolean tellLoss;
                synchronized (this) {
                    while (running && waiting.isEmpty()) {
                        try {
                            wait();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            return;
                        }
                    }
                    if (!running) {
                        return;
                    }
                    next = waiting.removeFirst();
                    tellLoss = lost;
                    lost = false;
                }
                if (tellLoss) {
                    // What is published from now on has its place again; what was dropped has not.
                    call(listener::interrupted);
                    call(listener::restored);
                }
                call(next);
            }
        }

        private void call(Runnable call) {
            try {
                call.run();
            } catch (RuntimeException e) {
                LOG.error("a listener to live events failed", e);
            }
        }

        @Override
        public void close() {
            loops.remove(this);
            synchronized (this) {
                running = false;
                notifyAll();
            }
            try {
                if (!thread.join(Duration.ofSeconds(5))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
        }
    }
}
