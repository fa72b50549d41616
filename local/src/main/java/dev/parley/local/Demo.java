package dev.parley.local;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Two users with a chat, made over the REST API as anybody would make them; those that are there are left as they are. */
final class Demo {

    static final Map<String, String> USERS = Map.of("alice", "alice-likes-tea", "bob", "bob-likes-coffee");

    /** May look after dead letters, where nobody else was named. */
    static final String ADMINISTRATOR = "alice";

    private final String address;
    private final HttpClient http;

    private Demo(String address, HttpClient http) {
        this.address = address;
        this.http = http;
    }

    static void create(String address) throws IOException, InterruptedException {
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            Demo demo = new Demo(address, http);
            JsonNode alice = demo.user("alice", "Alice");
            JsonNode bob = demo.user("bob", "Bob");
            demo.post(
                    "/api/chats",
                    "{\"type\":\"direct\",\"userId\":\"" + text(bob, "userId") + "\"}",
                    text(alice, "accessToken"));
        }
    }

    private JsonNode user(String name, String displayName) throws IOException, InterruptedException {
        String credentials = "\"username\":\"" + name + "\",\"password\":\"" + USERS.get(name) + "\"";
        HttpResponse<String> registered =
                send("/api/auth/register", "{" + credentials + ",\"displayName\":\"" + displayName + "\"}", null);
        return registered.statusCode() == 409
                ? post("/api/auth/login", "{" + credentials + "}", null)
                : read(registered);
    }

    private JsonNode post(String path, String json, @Nullable String token) throws IOException, InterruptedException {
        return read(send(path, json, token));
    }

    private HttpResponse<String> send(String path, String json, @Nullable String token)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode read(HttpResponse<String> response) throws IOException {
        if (response.statusCode() >= 300) {
            throw new IOException("the demo users could not be made: " + response.body());
        }
        return Json.parse(response.body()).orElseThrow(() -> new IOException("not JSON: " + response.body()));
    }

    private static String text(JsonNode node, String field) throws IOException {
        JsonNode value = node.get(field);
        if (value == null) {
            throw new IOException("no " + field + " in the answer");
        }
        return value.getStringValue();
    }
}
