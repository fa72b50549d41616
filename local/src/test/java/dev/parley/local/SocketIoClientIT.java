package dev.parley.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import dev.parley.keys.RedisKeys;
import dev.parley.local.Rest.User;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The official Socket.IO client as a stranger: two instances on real servers, and programs in another language. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SocketIoClientIT {

    private static final int MESSAGES_EACH = 5_000;
    private static final int WINDOW = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A message as a client saw it. */
    private record Seen(String messageId, long seq, String prevSeq, String clientMessageId) {
        static Seen of(JsonNode message) {
            return new Seen(
                    Rest.text(message, "messageId"),
                    Long.parseLong(Rest.text(message, "seq")),
                    String.valueOf(
                            Objects.requireNonNull(message.get("prevSeq")).getValue()),
                    Rest.text(message, "clientMessageId"));
        }
    }

    private final String mongoUri = TestMongo.shared().newDatabase();
    private LocalParley parley;
    private Rest first;
    private Rest second;
    private String secret;
    private int users;

    @BeforeAll
    void start(@TempDir Path data) throws IOException, InterruptedException {
        NodeProgram.install();
        parley = LocalParley.start(new Options(
                data,
                List.of(0, 0),
                false,
                TestRedis.shared().uri(),
                TestRabbit.shared().newVirtualHost(),
                mongoUri));
        first = new Rest(parley.addresses().getFirst());
        second = new Rest(parley.addresses().getLast());
        String given = System.getenv("JWT_SECRET");
        secret = given == null || given.isBlank() ? Files.readString(data.resolve("jwt-secret")) : given;
    }

    @AfterAll
    void end() {
        first.close();
        second.close();
        parley.close();
    }

    private static final List<String> PROGRAMS = List.of("chat.mjs", "handshake.mjs", "binary.mjs", "reconnect.mjs");

    /** Every program over a WebSocket, over polling alone, and as the library does it by itself: one after the other. */
    static Stream<Arguments> runs() {
        return Stream.of("[\"websocket\"]", "[\"polling\"]", "null")
                .flatMap(transports -> PROGRAMS.stream().map(program -> Arguments.of(program, transports)));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theOfficialClientGetsWhatTheProtocolPromises(String program, String transports) throws Exception {
        Pair pair = newPair();
        var unused = NodeProgram.run(program, pair.json(1, transports), PATIENCE);
    }

    @Test
    void nothingIsLostWhileTheClientGoesOverToAWebSocket() throws Exception {
        var unused = NodeProgram.run("upgrade.mjs", newPair().json(1, "null"), PATIENCE);
    }

    @Test
    void tenThousandMessagesArriveExactlyOnceAndInOneOrder() throws Exception {
        Pair pair = newPair();
        JsonNode result = Json.parse(NodeProgram.run(
                        "exchange.mjs", pair.json(MESSAGES_EACH, "[\"websocket\"]"), Duration.ofMinutes(3)))
                .orElseThrow();
        List<Seen> order = seen(result, "alice");
        assertSame(order, "what both received", seen(result, "bob"));
        assertThat(order.stream().map(Seen::clientMessageId))
                .containsExactlyInAnyOrderElementsOf(Stream.of("alice", "bob")
                        .flatMap(name -> IntStream.range(0, MESSAGES_EACH).mapToObj(i -> name + "-" + i))
                        .toList());
        assertThat(new HashSet<>(order.stream().map(Seen::messageId).toList())).hasSize(2 * MESSAGES_EACH);
        for (int i = 1; i < order.size(); i++) {
            assertThat(order.get(i).seq()).isGreaterThan(order.get(i - 1).seq());
            assertThat(order.get(i).prevSeq())
                    .isEqualTo(Long.toString(order.get(i - 1).seq()));
        }
        System.out.printf(
                "%d messages: sent %.0f/s, received by both %.0f/s%n",
                order.size(), rate(result, "sentMs"), rate(result, "receivedMs"));

        // What the store does not have yet and the recent cache no longer has is missing for a moment, and only that.
        assertPartOf(order, "at once, backwards", seen(first.historyBackwards(pair.alice, pair.chatId)));
        assertPartOf(order, "at once, forwards", seen(second.historyForwards(pair.bob, pair.chatId)));
        awaitStored(pair.chatId, order.size());
        assertSame(order, "stored, backwards", seen(second.historyBackwards(pair.bob, pair.chatId)));
        assertSame(order, "stored, forwards", seen(first.historyForwards(pair.alice, pair.chatId)));
    }

    private static void assertPartOf(List<Seen> order, String what, List<Seen> history) {
        List<Seen> expected = new ArrayList<>(order);
        expected.retainAll(new HashSet<>(history));
        assertSame(expected, what, history);
        int recent = RedisKeys.RECENT_MESSAGES;
        assertSame(order.subList(order.size() - recent, order.size()), what, newest(history, recent));
        System.out.printf("%s: %d of %d messages%n", what, history.size(), order.size());
    }

    private static List<Seen> newest(List<Seen> history, int count) {
        return history.subList(Math.max(0, history.size() - count), history.size());
    }

    /** Equality of long lists, with a message that one can read. */
    private static void assertSame(List<Seen> expected, String what, List<Seen> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            assertThat(actual.get(i)).as("%s, message %d", what, i).isEqualTo(expected.get(i));
        }
        assertThat(actual.size()).as(what).isEqualTo(expected.size());
    }

    private static double rate(JsonNode result, String milliseconds) {
        return 2_000.0 * MESSAGES_EACH / Double.parseDouble(Rest.text(result, milliseconds));
    }

    private static List<Seen> seen(JsonNode result, String name) {
        return seen(Rest.list(result, name));
    }

    private static List<Seen> seen(List<JsonNode> messages) {
        return messages.stream().map(Seen::of).toList();
    }

    private void awaitStored(String chatId, int count) throws Exception {
        String database = Objects.requireNonNull(new ConnectionString(mongoUri).getDatabase());
        try (MongoClient client = MongoClients.create(mongoUri)) {
            MongoCollection<Document> messages = client.getDatabase(database).getCollection("messages");
            Await.until(
                    "all are in MongoDB",
                    Duration.ofMinutes(2),
                    () -> messages.countDocuments(Filters.eq("chatId", new ObjectId(chatId))) >= count);
            assertThat(messages.countDocuments(Filters.eq("chatId", new ObjectId(chatId))))
                    .isEqualTo(count);
        }
    }

    // Two people of their own for every test.

    private record Pair(User alice, User bob, String chatId, String secret, List<String> urls) {
        String json(int messages, String transports) {
            return """
                    {"urls":["%s","%s"],"secret":"%s","chatId":"%s","messages":%d,"window":%d,"transports":%s,
                    "alice":{"userId":"%s","token":"%s"},"bob":{"userId":"%s","token":"%s"}}""".formatted(
                            urls.getFirst(),
                            urls.getLast(),
                            secret,
                            chatId,
                            messages,
                            WINDOW,
                            transports,
                            alice.id(),
                            alice.token(),
                            bob.id(),
                            bob.token());
        }
    }

    private Pair newPair() throws IOException, InterruptedException {
        int number = ++users;
        User alice = first.register("sio-alice-" + number);
        User bob = second.register("sio-bob-" + number);
        return new Pair(alice, bob, first.directChat(alice, bob), secret, parley.addresses());
    }
}
