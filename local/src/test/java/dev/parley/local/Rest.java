package dev.parley.local;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The REST API of one tier instance. An answer that is no success fails the test. */
final class Rest implements AutoCloseable {

    static final String PASSWORD = "correct-horse-battery";
    private static final int PAGE = 100;

    /** Somebody who is signed in. */
    record User(String name, String id, String token) {}

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String address;

    Rest(String address) {
        this.address = address;
    }

    User register(String name) throws IOException, InterruptedException {
        return user(name, "register", PASSWORD, ",\"displayName\":\"" + name + "\"");
    }

    User login(String name, String password) throws IOException, InterruptedException {
        return user(name, "login", password, "");
    }

    private User user(String name, String how, String password, String more) throws IOException, InterruptedException {
        JsonNode tokens = post(
                "/api/auth/" + how,
                "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"" + more + "}",
                null);
        return new User(name, text(tokens, "userId"), text(tokens, "accessToken"));
    }

    /** The id of the chat of two, which is made where it is not there. */
    String directChat(User one, User other) throws IOException, InterruptedException {
        return text(
                post("/api/chats", "{\"type\":\"direct\",\"userId\":\"" + other.id() + "\"}", one.token()), "chatId");
    }

    /** The id of the user's only chat. */
    String onlyChat(User user) throws IOException, InterruptedException {
        List<JsonNode> chats = list(get("/api/chats", user.token()), "chats");
        if (chats.size() != 1) {
            throw new AssertionError(user.name() + " has " + chats.size() + " chats");
        }
        return text(chats.getFirst(), "chatId");
    }

    List<JsonNode> search(User user, String word) throws IOException, InterruptedException {
        return list(get("/api/search?q=" + word, user.token()), "messages");
    }

    /** The whole history in its order, read page by page from the newest to the oldest. */
    List<JsonNode> historyBackwards(User user, String chatId) throws IOException, InterruptedException {
        List<JsonNode> messages = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonNode page = page(user, chatId, cursor.isEmpty() ? "" : "&before=" + cursor);
            messages.addAll(list(page, "messages").reversed());
            cursor = optionalText(page, "nextCursor");
        }
        Collections.reverse(messages);
        return messages;
    }

    /** The whole history in its order, read page by page from the oldest to the newest. */
    List<JsonNode> historyForwards(User user, String chatId) throws IOException, InterruptedException {
        List<JsonNode> messages = new ArrayList<>();
        String cursor = "0";
        while (cursor != null) {
            JsonNode page = page(user, chatId, "&after=" + cursor);
            messages.addAll(list(page, "messages"));
            cursor = optionalText(page, "nextCursor");
        }
        return messages;
    }

    private JsonNode page(User user, String chatId, String from) throws IOException, InterruptedException {
        return get("/api/chats/" + chatId + "/messages?limit=" + PAGE + from, user.token());
    }

    private JsonNode get(String path, String token) throws IOException, InterruptedException {
        return send(request(path, token).GET());
    }

    private JsonNode post(String path, String json, @Nullable String token) throws IOException, InterruptedException {
        return send(request(path, token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpRequest.Builder request(String path, @Nullable String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(20));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new AssertionError(response.request().method() + " " + response.uri() + ": " + response.statusCode()
                    + " " + response.body());
        }
        return Json.parse(response.body()).orElseThrow(() -> new AssertionError("not JSON: " + response.body()));
    }

    static String text(JsonNode node, String field) {
        String text = optionalText(node, field);
        if (text == null) {
            throw new AssertionError("no " + field + " in the answer");
        }
        return text;
    }

    private static @Nullable String optionalText(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : value.coerceStringValue();
    }

    static List<JsonNode> list(JsonNode node, String field) {
        JsonNode values = node.get(field);
        if (values == null) {
            throw new AssertionError("no " + field + " in the answer");
        }
        List<JsonNode> list = new ArrayList<>();
        values.values().forEach(list::add);
        return list;
    }

    @Override
    public void close() {
        http.close();
    }
}
