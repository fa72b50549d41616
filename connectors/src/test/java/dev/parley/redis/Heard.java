package dev.parley.redis;

import dev.parley.wire.RoomEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a listener of channels was told, in order: {@code restored}, {@code interrupted}, or the name of an event. */
final class Heard implements Channels.Listener {

    private final Map<String, List<String>> byChannel = new ConcurrentHashMap<>();
    private final List<RoomEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void received(String channel, RoomEvent event) {
        events.add(event);
        note(channel, event.name());
    }

    @Override
    public void interrupted(String channel) {
        note(channel, "interrupted");
    }

    @Override
    public void restored(String channel) {
        note(channel, "restored");
    }

    private void note(String channel, String what) {
        of(channel).add(what);
    }

    List<String> of(String channel) {
        return byChannel.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>());
    }

    String last(String channel) {
        List<String> all = of(channel);
        return all.isEmpty() ? "" : all.getLast();
    }

    List<RoomEvent> events() {
        return events;
    }
}
