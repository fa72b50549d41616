package dev.parley.tier.room;

import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.RoomEvent;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** An event on its way to many members: encoded once per format, by whoever needs it first. Thread-safe. */
public final class Broadcast {

    private final RoomEvent event;
    private final OptionalLong earlier;
    private final AtomicReferenceArray<byte[]> frames = new AtomicReferenceArray<>(WireFormat.COUNT);

    public Broadcast(RoomEvent event) {
        this(event, OptionalLong.empty());
    }

    /**
     * An event that may have been delivered before.
     *
     * @param earlier its number in {@link Deliveries} then; empty where this is the first time
     */
    Broadcast(RoomEvent event, OptionalLong earlier) {
        this.event = event;
        this.earlier = earlier;
    }

    public RoomEvent event() {
        return event;
    }

    /** Whether it was delivered at {@code number} or later: who was there since then has it. */
    boolean wasDeliveredSince(long number) {
        return earlier.isPresent() && earlier.getAsLong() >= number;
    }

    /** The whole WebSocket frame; shared, nobody writes into it. */
    public byte[] frame(WireFormat format) {
        byte[] frame = frames.get(format.ordinal());
        if (frame == null) {
            frame = format.eventFrame(event.name(), event.json());
            if (!frames.compareAndSet(format.ordinal(), null, frame)) {
                // Another loop was earlier: all are to write the same array.
                frame = frames.get(format.ordinal());
            }
        }
        return frame;
    }
}
