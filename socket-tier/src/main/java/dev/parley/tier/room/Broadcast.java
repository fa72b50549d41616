package dev.parley.tier.room;

import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.RoomEvent;
import java.util.EnumMap;
import java.util.Map;

/** An event on its way to many members: encoded once per format, by whoever needs it first. Thread-safe. */
public final class Broadcast {

    private final RoomEvent event;
    private final Map<WireFormat, byte[]> frames = new EnumMap<>(WireFormat.class);

    public Broadcast(RoomEvent event) {
        this.event = event;
    }

    public RoomEvent event() {
        return event;
    }

    /** The whole WebSocket frame; shared, nobody writes into it. */
    public byte[] frame(WireFormat format) {
        synchronized (frames) {
            return frames.computeIfAbsent(format, f -> f.eventFrame(event.name(), event.json()));
        }
    }
}
