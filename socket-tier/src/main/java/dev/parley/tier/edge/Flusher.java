package dev.parley.tier.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one pass of an event loop: channels that were written to are flushed each once, in one task for all of
 * them, and a frame that goes to many is copied out of the heap once for all of them. Belongs to its loop.
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

    /** What was written last, outside of the heap; null where nothing was in this pass. */
    private byte @Nullable [] frame;

    private ByteBuf shared = Unpooled.EMPTY_BUFFER;

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

    /**
     * The bytes as a buffer that a channel takes without copying it, to be released by who gets it. All who write the same
     * array one after the other share one.
     */
    ByteBuf direct(byte[] bytes, ByteBufAllocator allocator) {
        if (frame != bytes) {
            forgetFrame();
            try {
                shared = allocator.directBuffer(bytes.length, bytes.length).writeBytes(bytes);
            } catch (OutOfMemoryError full) {
                // Then each connection may find room for a copy of its own, or fails alone.
                return Unpooled.wrappedBuffer(bytes);
            }
            frame = bytes;
        }
        return shared.retainedDuplicate();
    }

    private void forgetFrame() {
        frame = null;
        shared.release();
        shared = Unpooled.EMPTY_BUFFER;
    }

    private void flush() {
        forgetFrame();
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
