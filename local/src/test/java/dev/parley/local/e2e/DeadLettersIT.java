package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.parley.local.LocalParley;
import dev.parley.local.Options;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dead letters as an administrator deals with them, over REST. */
class DeadLettersIT {

    private static final String PATH = "/api/admin/dead-letters";
    private static final String POISON = "{\"poison\":\"%s\"}";

    private static String rabbitUri;
    private static LocalParley parley;
    private static String address;
    private static String administrator;

    @BeforeAll
    static void start() throws Exception {
        rabbitUri = TestRabbit.shared().newVirtualHost();
        parley = LocalParley.start(new Options(
                null,
                List.of(0),
                false,
                TestRedis.shared().uri(),
                rabbitUri,
                TestMongo.shared().newDatabase()));
        address = parley.addresses().getFirst();
        // The local mode's first demo user.
        Rest.Answer alice = Rest.post(
                address,
                "/api/auth/register",
                null,
                "{\"username\":\"alice\",\"password\":\"correct horse\",\"displayName\":\"Alice\"}");
        assertThat(alice.status()).isEqualTo(201);
        administrator = alice.text("accessToken");
    }

    @AfterAll
    static void stop() {
        if (parley != null) {
            parley.close();
        }
    }

    @Test
    void nobodyButAnAdministratorGetsIn() {
        String somebody;
        try (Person bob = Person.registered(address, "Bob")) {
            somebody = bob.token();
        }
        String letter = PATH + "/message-persist/0123456789abcdef01234567";
        for (String path : List.of(PATH, PATH + "/message-persist", letter)) {
            assertRefused(Rest.get(address, path, somebody), 403, "FORBIDDEN");
            assertRefused(Rest.get(address, path, null), 401, "UNAUTHENTICATED");
        }
        for (String path : List.of(letter + "/replay", PATH + "/message-persist/replay")) {
            assertRefused(Rest.post(address, path, somebody, ""), 403, "FORBIDDEN");
            assertRefused(Rest.post(address, path, null, ""), 401, "UNAUTHENTICATED");
        }
        for (String path : List.of(letter, PATH + "/message-persist")) {
            assertRefused(Rest.call("DELETE", address, path, somebody, ""), 403, "FORBIDDEN");
            assertRefused(Rest.call("DELETE", address, path, null, ""), 401, "UNAUTHENTICATED");
        }
    }

    @Test
    void poisonIsListedShownReplayedAndDropped() throws Exception {
        String poison = POISON.formatted("one");
        publish("", "message-persist", poison);
        JsonNode listed = awaitLetter("message-persist");
        assertThat(Nodes.text(listed, "body")).isEqualTo(poison);
        assertThat(Nodes.text(listed, "reason")).isEqualTo("unreadable");
        assertThat(Nodes.text(listed, "origin")).isEqualTo("message-persist");
        assertThat(Nodes.number(listed, "attempts")).isEqualTo(1);
        assertThat(count("message-persist")).isEqualTo(1);

        String path = PATH + "/message-persist/" + Nodes.text(listed, "id");
        assertThat(Rest.get(address, path, administrator).body()).isEqualTo(listed);

        // What is poison becomes a letter again, with the same id and as if for the first time.
        Rest.Answer replayed = Rest.post(address, path + "/replay", administrator, "");
        assertThat(replayed.status()).isEqualTo(200);
        assertThat(Nodes.number(replayed.body(), "replayed")).isEqualTo(1);
        JsonNode again = awaitLetter("message-persist");
        assertThat(Nodes.text(again, "id")).isEqualTo(Nodes.text(listed, "id"));
        assertThat(Nodes.number(again, "attempts")).isEqualTo(1);

        Rest.Answer dropped = Rest.call("DELETE", address, path, administrator, "");
        assertThat(Nodes.number(dropped.body(), "dropped")).isEqualTo(1);
        assertRefused(Rest.call("DELETE", address, path, administrator, ""), 404, "NOT_FOUND");
        assertRefused(Rest.get(address, path, administrator), 404, "NOT_FOUND");
        assertThat(count("message-persist")).isZero();
    }

    @Test
    void replayingTwiceIsReplayingOnce() throws Exception {
        // Nobody consumes this queue where there is no mail relay.
        publish("dlx", "email-send-failed", POISON.formatted("two"));
        String path = PATH + "/email-send/" + Nodes.text(awaitLetter("email-send"), "id");

        assertThat(Rest.post(address, path + "/replay", administrator, "").status())
                .isEqualTo(200);
        assertRefused(Rest.post(address, path + "/replay", administrator, ""), 404, "NOT_FOUND");
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            assertThat(channel.messageCount("email-send")).isEqualTo(1);
        }
    }

    @Test
    void allAreReplayedOrDropped() throws Exception {
        for (int i = 0; i < 3; i++) {
            publish("dlx", "chat-update-failed", POISON.formatted(i));
        }
        Await.until("all are there", () -> count("chat-update") == 3);

        Rest.Answer replayed = Rest.post(address, PATH + "/chat-update/replay", administrator, "");
        assertThat(Nodes.number(replayed.body(), "replayed")).isEqualTo(3);
        publish("dlx", "chat-update-failed", POISON.formatted("last"));
        Await.until("it is there", () -> count("chat-update") == 1);
        Rest.Answer dropped = Rest.call("DELETE", address, PATH + "/chat-update", administrator, "");
        assertThat(Nodes.number(dropped.body(), "dropped")).isEqualTo(1);
        assertThat(count("chat-update")).isZero();
    }

    @Test
    void whatIsNotThereOrOutOfBoundsIsRefused() {
        assertRefused(Rest.get(address, PATH + "/no-such-queue", administrator), 404, "NOT_FOUND");
        assertRefused(Rest.get(address, PATH + "/message-persist?limit=101", administrator), 400, "VALIDATION");
        assertRefused(Rest.get(address, PATH + "/message-persist/x", administrator), 404, "NOT_FOUND");
    }

    private static JsonNode awaitLetter(String queue) throws Exception {
        Await.until("a letter of " + queue, () -> !letters(queue).isEmpty());
        return letters(queue).getFirst();
    }

    private static List<JsonNode> letters(String queue) {
        return Nodes.list(Rest.get(address, PATH + "/" + queue, administrator).body(), "letters");
    }

    private static long count(String queue) {
        return Nodes.list(Rest.get(address, PATH, administrator).body(), "queues").stream()
                .filter(one -> Nodes.text(one, "queue").equals(queue))
                .mapToLong(one -> Nodes.number(one, "count"))
                .sum();
    }

    private static void assertRefused(Rest.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(status);
        assertThat(answer.text("code")).isEqualTo(code);
    }

    private static void publish(String exchange, String key, String body) throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(exchange, key, null, body.getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
        }
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbitUri);
        return factory.newConnection("test");
    }
}
