package dev.parley.bench.load.world;

import dev.parley.bench.load.crowd.Person;
import dev.parley.bench.load.crowd.Room;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Invents users and chats, and where there is a database has them written to it by {@link Settlement}: a registration
 * costs a password hash, so the REST API is no way to thousands of users.
 */
final class Settlers {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int ID_BYTES = 12;

    private final Tokens tokens;
    private final Random random = new Random();

    Settlers(String jwtSecret) {
        this.tokens = new Tokens(jwtSecret);
    }

    /** Users and chats that nothing but their tokens and ids is known of. */
    Population invent(int users, List<int[]> chats) {
        List<Person> people = new ArrayList<>(users);
        for (int i = 0; i < users; i++) {
            String id = id();
            people.add(new Person(id, tokens.of(id)));
        }
        return new Population(
                people, chats.stream().map(members -> new Room(id(), members)).toList());
    }

    private String id() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The same, written to the database of Parley. */
    Population settle(int users, List<int[]> chats, String mongoUri) throws IOException, InterruptedException {
        Population population = invent(users, chats);
        Process settlement = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        withoutTheTier(),
                        Settlement.class.getName(),
                        mongoUri)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var orders = settlement.getOutputStream()) {
            orders.write(orders(population).getBytes(StandardCharsets.UTF_8));
        }
        if (!settlement.waitFor(PATIENCE) || settlement.exitValue() != 0) {
            settlement.destroyForcibly();
            throw new IOException("users and chats could not be made");
        }
        return population;
    }

    private static String orders(Population population) {
        StringBuilder orders = new StringBuilder();
        for (Person person : population.people()) {
            orders.append("user ").append(person.userId()).append('\n');
        }
        for (Room room : population.rooms()) {
            orders.append(room.members().length == 2 ? "direct " : "group ").append(room.chatId());
            for (int member : room.members()) {
                orders.append(' ').append(population.people().get(member).userId());
            }
            orders.append('\n');
        }
        return orders.toString();
    }

    /** With the tier on the class path its background work would be done here too. */
    private static String withoutTheTier() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("socket-tier"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
