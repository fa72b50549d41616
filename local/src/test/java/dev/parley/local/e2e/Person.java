package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Await;
import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Somebody with an account and at most one plain connection: the vocabulary of the end-to-end tests. */
final class Person implements AutoCloseable {

    private final String name;
    private final String userId;
    private final String token;
    private String address;
    private @Nullable PlainClient client;

    private Person(String name, String userId, String token, String address) {
        this.name = name;
        this.userId = userId;
        this.token = token;
        this.address = address;
    }

    /** Registers somebody with a name that nobody else has. */
    static Person registered(String address, String name) {
        String unique = name.toLowerCase(Locale.ROOT) + "-"
                + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
        Rest.Answer answer = Rest.post(
                address,
                "/api/auth/register",
                null,
                "{\"username\":\"%s\",\"password\":\"correct horse\",\"displayName\":\"%s\"}".formatted(unique, name));
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
        return new Person(unique, answer.text("userId"), answer.text("accessToken"), address);
    }

    Person connects() {
        return connectsTo(address);
    }

    Person connectsTo(String newAddress) {
        address = newAddress;
        PlainClient connected = PlainClient.connect(newAddress + "/ws?token=" + token);
        client = connected;
        connected.awaitEvent("connected");
        return this;
    }

    String address() {
        return address;
    }

    String userId() {
        return userId;
    }

    String username() {
        return name;
    }

    String token() {
        return token;
    }

    PlainClient client() {
        PlainClient connected = client;
        if (connected == null) {
            throw new AssertionError(name + " is not connected");
        }
        return connected;
    }

    /** The direct chat with somebody. */
    String chatWith(Person other) {
        Rest.Answer answer =
                Rest.post(address, "/api/chats", token, "{\"type\":\"direct\",\"userId\":\"" + other.userId + "\"}");
        assertThat(answer.status()).as(answer.raw().body()).isIn(200, 201);
        return answer.text("chatId");
    }

    String groupWith(String groupName, List<Person> others) {
        String ids = String.join(
                ",", others.stream().map(p -> "\"" + p.userId + "\"").toList());
        Rest.Answer answer = Rest.post(
                address,
                "/api/chats",
                token,
                "{\"type\":\"group\",\"name\":\"%s\",\"memberIds\":[%s]}".formatted(groupName, ids));
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
        return answer.text("chatId");
    }

    JsonNode joins(String chatId) {
        return client().ask("join-chats", "{\"chatIds\":[\"" + chatId + "\"]}");
    }

    JsonNode joinsAfter(String chatId, long lastSeq) {
        return client().ask(
                        "join-chats",
                        "{\"chatIds\":[\"%s\"],\"lastSeqs\":{\"%s\":%d}}".formatted(chatId, chatId, lastSeq));
    }

    /** Sends and waits for the acknowledgement; answers what it carries. */
    JsonNode sends(String chatId, String content) {
        return sends(chatId, content, UUID.randomUUID().toString());
    }

    JsonNode sends(String chatId, String content, String clientMessageId) {
        JsonNode answer = client().ask("send-message", message(chatId, content, clientMessageId));
        return Nodes.field(answer, "data");
    }

    static String message(String chatId, String content, String clientMessageId) {
        return "{\"chatId\":\"%s\",\"content\":\"%s\",\"clientMessageId\":\"%s\"}"
                .formatted(chatId, content, clientMessageId);
    }

    /** Waits for the message with this content, passing over what comes before it. */
    JsonNode receives(String content) {
        return client().awaitEvent(
                        "new-message", data -> Nodes.text(data, "content").equals(content));
    }

    /** The whole history, paged backwards; oldest first. */
    List<JsonNode> history(String chatId) {
        List<JsonNode> all = new ArrayList<>();
        String before = "";
        while (true) {
            Rest.Answer page = Rest.get(address, "/api/chats/" + chatId + "/messages?limit=100" + before, token);
            assertThat(page.status()).as(page.raw().body()).isEqualTo(200);
            all.addAll(0, Nodes.list(page.body(), "messages"));
            JsonNode cursor = Nodes.field(page.body(), "nextCursor");
            if (cursor.isNull()) {
                return all;
            }
            before = "&before=" + cursor.getStringValue();
        }
    }

    /** Waits until the history has so many messages. */
    List<JsonNode> historyOf(String chatId, int count) throws Exception {
        Await.until(count + " messages in the history", () -> history(chatId).size() >= count);
        return history(chatId);
    }

    void leaves() {
        client().close();
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}
