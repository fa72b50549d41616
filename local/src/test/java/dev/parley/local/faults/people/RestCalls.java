package dev.parley.local.faults.people;

import dev.parley.local.faults.people.Tiers.Tier;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The few REST calls of a run. Blocking. */
public final class RestCalls {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int PAGE = 100;

    /** An account. */
    public record Account(String userId, String token) {}

    private final HttpClient http;

    public RestCalls(HttpClient http) {
        this.http = http;
    }

    public Account register(Tier tier, String name) throws IOException, InterruptedException {
        JsonNode answer = call(
                tier,
                "/api/auth/register",
                null,
                "{\"username\":\"%s\",\"password\":\"correct horse\",\"displayName\":\"%s\"}".formatted(name, name));
        return new Account(text(answer, "userId"), text(answer, "accessToken"));
    }

    /** A chat of the caller with others: a direct one with one other, a group with more. */
    public String createChat(Tier tier, Account caller, String name, List<String> others)
            throws IOException, InterruptedException {
        String body = others.size() == 1
                ? "{\"type\":\"direct\",\"userId\":\"%s\"}".formatted(others.getFirst())
                : "{\"type\":\"group\",\"name\":\"%s\",\"memberIds\":[\"%s\"]}"
                        .formatted(name, String.join("\",\"", others));
        return text(call(tier, "/api/chats", caller.token(), body), "chatId");
    }

    /**
     * Messages above a seq, oldest first, and whether there are more.
     *
     * @param retryAfterMs when to ask again, because recent ones may be missing; else null
     */
    record After(
            List<JsonNode> messages, boolean more, @Nullable Long retryAfterMs) {}

    After messagesAfter(Tier tier, String token, String chat, long seq) throws IOException, InterruptedException {
        JsonNode page = call(tier, "/api/chats/" + chat + "/messages?limit=" + PAGE + "&after=" + seq, token, null);
        JsonNode cursor = page.get("nextCursor");
        return new After(
                messages(page), cursor != null && !cursor.isNull(), Fields.optionalNumber(page, "retryAfterMs"));
    }

    /** The newest messages of a chat, oldest first: whole pages until there are at least {@code count}, or all. */
    public List<JsonNode> newestMessages(Tier tier, String token, String chat, int count)
            throws IOException, InterruptedException {
        List<JsonNode> all = new ArrayList<>();
        String before = "";
        while (true) {
            JsonNode page = call(tier, "/api/chats/" + chat + "/messages?limit=" + PAGE + before, token, null);
            all.addAll(0, messages(page));
            JsonNode cursor = page.get("nextCursor");
            if (cursor == null || cursor.isNull() || all.size() >= count) {
                return all;
            }
            before = "&before=" + cursor.getStringValue();
        }
    }

    private static List<JsonNode> messages(JsonNode page) throws IOException {
        JsonNode messages = page.get("messages");
        if (messages == null) {
            throw new IOException("no messages in a page");
        }
        List<JsonNode> list = new ArrayList<>();
        messages.values().forEach(list::add);
        return list;
    }

    private JsonNode call(Tier tier, String path, @Nullable String token, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + tier.port() + path))
                .timeout(TIMEOUT);
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        return Json.parse(response.body()).orElseThrow(() -> new IOException(path + ": no JSON"));
    }

    private static String text(JsonNode node, String field) throws IOException {
        JsonNode value = node.get(field);
        if (value == null) {
            throw new IOException("no " + field);
        }
        return value.getStringValue();
    }
}
