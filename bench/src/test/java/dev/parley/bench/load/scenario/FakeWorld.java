package dev.parley.bench.load.scenario;

import dev.parley.bench.load.crowd.Person;
import dev.parley.bench.load.crowd.Room;
import dev.parley.bench.load.world.Population;
import dev.parley.bench.load.world.World;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The world of a fake server, which believes everybody. */
record FakeWorld(FakeServer server) implements World {

    @Override
    public List<InetSocketAddress> targets() {
        return List.of(server.address());
    }

    @Override
    public Map<String, Long> processes() {
        return Map.of();
    }

    @Override
    public boolean runsOnJvms() {
        return false;
    }

    @Override
    public Population settle(int users, List<int[]> chats) {
        List<Person> people = IntStream.range(0, users)
                .mapToObj(i -> new Person("user" + i, "token"))
                .toList();
        List<Room> rooms = IntStream.range(0, chats.size())
                .mapToObj(i -> new Room("%024x".formatted(i), chats.get(i)))
                .toList();
        return new Population(people, rooms);
    }

    @Override
    public boolean hasHistory() {
        return false;
    }

    @Override
    public void close() {}
}
