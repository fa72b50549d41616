package dev.parley.tier.edge;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;

/**
 * Flushes the channels of an event loop that were written to in one pass of it, each once, in one task for all of them.
 * Belongs to its loop.
 */
final class Flusher {

    private static final FastThreadLocal<Flusher> FLUSHERS = new FastThreadLocal<>() {
        @Override
        protected Flusher initialValue() {
            return new Flusher();
        }
    };

    private List<Outbox> waiting = new ArrayList<>();
    private List<Outbox> spare = new ArrayList<>();

    private Flusher() {}

    /** That of the loop on which this is called. */
    static Flusher ofThisLoop() {
        return FLUSHERS.get();
    }

    /** Flushes at the end of this pass; not to be called again for the same outbox before it was flushed. */
    void flushSoon(Outbox outbox, EventLoop loop) {
        if (waiting.isEmpty()) {
            loop.execute(this::flush);
        }
        waiting.add(outbox);
    }

    private void flush() {
        List<Outbox> now = waiting;
        // A flush can close a channel, and that can write to others.
        waiting = spare;
        for (Outbox outbox : now) {
            outbox.flush();
        }
        now.clear();
        spare = now;
    }
}
