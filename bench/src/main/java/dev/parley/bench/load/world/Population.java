package dev.parley.bench.load.world;

import dev.parley.bench.load.crowd.Person;
import dev.parley.bench.load.crowd.Room;
import java.util.List;

/** Users and the chats that they are in. */
public record Population(List<Person> people, List<Room> rooms) {}
