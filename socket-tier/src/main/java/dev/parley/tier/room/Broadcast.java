package dev.parley.tier.room;

import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.RoomEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** An event on its way to many members: encoded once per format, by whoever needs it first. Thread-safe. */
public final class Broadcast {

    private final RoomEvent event;
    private final OptionalLong earlier;
    private final Map<WireFormat, byte[]> frames = new EnumMap<>(WireFormat.class);

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
        synchronized (frames) {
            return frames.computeIfAbsent(format, f -> f.eventFrame(event.name(), event.json()));
        }
    }
}
