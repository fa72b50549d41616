package dev.parley.bench.load.crowd;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does something at times that are fixed beforehand, evenly spaced. What could not be done in time is done as soon as
 * possible, and is told when it was due: nothing is left out, whatever the server does meanwhile.
 */
final class Pacer {

    /** What is to be done; on the event loop. */
    interface Step {
        void at(int number, long due);
    }

    /** Then the event loop may read and write before what is late goes on. */
    private static final int BATCH = 64;

    private final EventLoop loop;
    private final long start;
    private final double nanosApart;
    private final int count;
    private final Step step;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int next;

    private Pacer(EventLoop loop, long start, double perSecond, int count, Step step) {
        this.loop = loop;
        this.start = start;
        this.nanosApart = 1e9 / perSecond;
        this.count = count;
        this.step = step;
    }

    /** Begins at {@code start}, a {@link System#nanoTime}; completes when the last step was done. */
    static CompletableFuture<Void> start(EventLoop loop, long start, double perSecond, int count, Step step) {
        Pacer pacer = new Pacer(loop, start, perSecond, count, step);
        loop.execute(pacer::run);
        return pacer.done;
    }

    private long due(int number) {
        return start + (long) (number * nanosApart);
    }

    private void run() {
        try {
            for (int i = 0; i < BATCH && next < count && due(next) - System.nanoTime() <= 0; i++) {
                step.at(next, due(next));
                next++;
            }
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
            return;
        }
        if (next == count) {
            done.complete(null);
        } else {
            long wait = Math.max(0, due(next) - System.nanoTime());
            var _ = loop.schedule(this::run, wait, TimeUnit.NANOSECONDS);
        }
    }
}
