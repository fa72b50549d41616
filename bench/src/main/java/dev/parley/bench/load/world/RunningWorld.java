package dev.parley.bench.load.world;

import dev.parley.bench.load.crowd.Person;
import dev.parley.bench.load.crowd.Room;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Instances of Parley that somebody else has started, with {@code parley.limits.enabled=false}. Users and chats are made
 * over REST, some per second, and their tokens end when those of users do; with the JWT secret and the MongoDB URI they
 * are written to the database instead.
 */
public final class RunningWorld implements World {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final List<InetSocketAddress> targets;
    private final Map<String, Long> processes;
    private final @Nullable String mongoUri;
    private final @Nullable String jwtSecret;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    /**
     * Starts nothing.
     *
     * @param processes of which the costs are measured, by name; those of the instances begin with {@link #TIER}
     */
    public RunningWorld(
            List<InetSocketAddress> targets,
            Map<String, Long> processes,
            @Nullable String mongoUri,
            @Nullable String jwtSecret) {
        this.targets = targets;
        this.processes = processes;
        this.mongoUri = mongoUri;
        this.jwtSecret = jwtSecret;
    }

    @Override
    public List<InetSocketAddress> targets() {
        return targets;
    }

    @Override
    public Map<String, Long> processes() {
        return processes;
    }

    @Override
    public boolean runsOnJvms() {
        return true;
    }

    @Override
    public boolean hasHistory() {
        return true;
    }

    @Override
    public Population settle(int users, List<int[]> chats) throws Exception {
        if (mongoUri != null && jwtSecret != null) {
            return new Settlers(jwtSecret).settle(users, chats, mongoUri);
        }
        List<Person> people = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            people.add(register());
        }
        List<Room> rooms = new ArrayList<>();
        for (int[] members : chats) {
            rooms.add(new Room(createChat(people, members), members));
        }
        return new Population(people, rooms);
    }

    private Person register() throws IOException, InterruptedException {
        String name = "load-" + UUID.randomUUID().toString().substring(0, 23);
        JsonNode answer = post(
                "/api/auth/register",
                "{\"username\":\"" + name + "\",\"password\":\"" + name + "\",\"displayName\":\"Load\"}",
                null);
        return new Person(text(answer, "userId"), text(answer, "accessToken"));
    }

    private String createChat(List<Person> people, int[] members) throws IOException, InterruptedException {
        String others = Arrays.stream(members)
                .skip(1)
                .mapToObj(member -> "\"" + people.get(member).userId() + "\"")
                .collect(Collectors.joining(","));
        String body = members.length == 2
                ? "{\"type\":\"direct\",\"userId\":" + others + "}"
                : "{\"type\":\"group\",\"name\":\"load\",\"memberIds\":[" + others + "]}";
        return text(post("/api/chats", body, people.get(members[0]).token()), "chatId");
    }

    private JsonNode post(String path, String body, @Nullable String token) throws IOException, InterruptedException {
        InetSocketAddress target = targets.getFirst();
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://" + target.getHostString() + ":" + target.getPort() + path))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(path + " was answered with " + response.statusCode() + ": " + response.body());
        }
        return Json.parse(response.body()).orElseThrow(() -> new IOException("not JSON: " + response.body()));
    }

    private static String text(JsonNode node, String field) throws IOException {
        JsonNode value = node.get(field);
        if (value == null) {
            throw new IOException("no " + field + " in an answer");
        }
        return value.getStringValue();
    }

    @Override
    public void close() {
        http.close();
    }
}
