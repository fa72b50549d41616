package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.local.LocalParley;
import dev.parley.local.Options;
import dev.parley.standin.MongoStandIn;
import dev.parley.testing.Await;
import dev.parley.testing.ServerProcess;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The failure table, row by row, with two tier instances: one server after the other dies and comes back, and Alice on one
 * instance goes on talking to Bob on the other. See {@link FunctionsAwayIT} for the functions' row.
 */
class OutagesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final TestRedis redis = TestRedis.own();
    private MongoStandIn mongo;
    private int mongoPort;
    private LocalParley parley;
    private Person alice;
    private Person bob;
    private String chat;

    @BeforeEach
    void start() throws Exception {
        mongoPort = ServerProcess.freePort();
        mongo = MongoStandIn.start(directory, mongoPort);
        parley = LocalParley.start(new Options(
                null,
                List.of(0, 0),
                false,
                redis.uri(),
                TestRabbit.shared().newVirtualHost(),
                mongo.connectionString() + "/outages"));
        alice = Person.registered(parley.addresses().get(0), "Alice").connects();
        bob = Person.registered(parley.addresses().get(1), "Bob").connects();
        chat = alice.chatWith(bob);
        bob.joins(chat);
        alice.joins(chat);
        alice.sends(chat, "before");
        bob.receives("before");
        bob.historyOf(chat, 1);
        awaitSearchable("before");
    }

    @AfterEach
    void stop() {
        parley.close();
        mongo.close();
        redis.kill();
    }

    private void awaitSearchable(String word) throws Exception {
        Await.until("it is stored and indexed", PATIENCE, () -> {
            Rest.Answer found = Rest.get(bob.address(), "/api/search?q=" + word, bob.token());
            return found.raw().body().contains(word);
        });
    }

    /** Sends until it is acknowledged, as a client does; answers the acknowledgement. */
    private JsonNode sendsUntilAcknowledged(String content) throws Exception {
        List<JsonNode> acknowledged = new ArrayList<>();
        Await.until(content + " is acknowledged", PATIENCE, () -> {
            JsonNode answer = alice.client().request("send-message", Person.message(chat, content, content));
            if (Nodes.field(answer, "ok").getBooleanValue()) {
                acknowledged.add(Nodes.field(answer, "data"));
                return true;
            }
            assertThat(Nodes.text(answer, "error", "code")).isEqualTo("UNAVAILABLE");
            assertThat(Nodes.number(answer, "error", "retryAfterMs")).isPositive();
            return false;
        });
        return acknowledged.getFirst();
    }

    private List<String> contents() {
        return bob.history(chat).stream()
                .map(message -> Nodes.text(message, "content"))
                .toList();
    }

    /** The newest page alone: what is older may be out of reach. */
    private List<String> recentContents() {
        Rest.Answer page = Rest.get(bob.address(), "/api/chats/" + chat + "/messages", bob.token());
        assertThat(page.status()).as(page.raw().body()).isEqualTo(200);
        assertThat(Nodes.field(page.body(), "nextCursor").isNull())
                .as("it says that there may be more")
                .isFalse();
        String older = "/messages?before=" + Nodes.text(page.body(), "nextCursor");
        Rest.Answer refused = Rest.get(bob.address(), "/api/chats/" + chat + older, bob.token());
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.raw().headers().firstValue("Retry-After")).isPresent();
        return Nodes.list(page.body(), "messages").stream()
                .map(message -> Nodes.text(message, "content"))
                .toList();
    }

    private static String place(JsonNode message) {
        return Nodes.text(message, "messageId") + "@" + Nodes.number(message, "seq");
    }

    @Test
    void withoutRedisTheConversationGoesOn() throws Exception {
        redis.kill();
        JsonNode during = sendsUntilAcknowledged("during");

        assertThat(place(bob.receives("during"))).isEqualTo(place(during));
        assertThat(place(alice.receives("during"))).as("the sender's own").isEqualTo(place(during));
        assertThat(place(sendsUntilAcknowledged("during"))).as("a resend").isEqualTo(place(during));
        assertThat(contents()).containsExactly("before", "during");
        assertThat(alice.client().refusal("typing", "{\"chatId\":\"" + chat + "\",\"isTyping\":true}"))
                .isEqualTo("UNAVAILABLE");
        Rest.Answer login = Rest.post(
                alice.address(),
                "/api/auth/login",
                null,
                "{\"username\":\"" + alice.username() + "\",\"password\":\"correct horse\"}");
        assertThat(login.status()).as("logging in needs no Redis").isEqualTo(200);
        assertThat(Rest.get(bob.address(), "/health/readiness", null).raw().body())
                .contains("\"Redis\":\"away\"");
        bob.leaves();
        bob.connects();
        JsonNode joined = bob.joinsAfter(chat, Nodes.number(during, "seq"));
        assertThat(Nodes.field(joined, "ok").getBooleanValue())
                .as("joining needs no Redis")
                .isTrue();
        JsonNode second = sendsUntilAcknowledged("second");
        assertThat(place(bob.receives("second"))).isEqualTo(place(second));
        String created = Person.registered(alice.address(), "Carol").chatWith(bob);
        bob.client()
                .awaitEvent("chat-created", event -> Nodes.text(event, "chatId").equals(created));

        redis.restart();
        awaitState("Redis", "up");
        JsonNode after = sendsUntilAcknowledged("after");
        assertThat(place(bob.receives("after"))).isEqualTo(place(after));
        assertThat(place(sendsUntilAcknowledged("during"))).as("a resend").isEqualTo(place(during));
        assertThat(contents()).containsExactly("before", "during", "second", "after");
        awaitSearchable("second");
    }

    @Test
    void noChatListFromBeforeAnOutageOfRedisIsShownAfterIt() throws Exception {
        redis.keepData(true);
        redis.restart();
        // Whatever was on its way when Redis was restarted: from here on the list is the one in Redis.
        sendsUntilAcknowledged("again");
        Await.until(
                "the list is in Redis",
                PATIENCE,
                () -> latest().equals("again") && redis.exists(RedisKeys.userChats(new UserId(bob.userId()))));
        redis.kill();
        sendsUntilAcknowledged("during");
        Await.until("it is stored", PATIENCE, () -> latest().equals("during"));

        redis.restart();
        awaitState("Redis", "up");
        assertThat(latest()).isEqualTo("during");
    }

    /** What Bob's chat list says of the newest message. */
    private String latest() {
        Rest.Answer list = Rest.get(bob.address(), "/api/chats", bob.token());
        return Nodes.text(Nodes.list(list.body(), "chats").getFirst(), "latestMessage", "content");
    }

    private void awaitState(String server, String state) throws Exception {
        Await.until(
                server + " counts as " + state,
                PATIENCE,
                () -> Rest.get(bob.address(), "/health/readiness", null)
                        .raw()
                        .body()
                        .contains("\"" + server + "\":\"" + state + "\""));
    }

    @Test
    void withoutRabbitMessagesAreAcknowledgedByMongo() throws Exception {
        assertThat(latest()).isEqualTo("before");
        TestRabbit.shared().kill();
        try {
            JsonNode during = sendsUntilAcknowledged("during");
            assertThat(place(bob.receives("during"))).isEqualTo(place(during));
            assertThat(contents()).containsExactly("before", "during");
            Await.until("Bob's chat list shows it", PATIENCE, () -> latest().equals("during"));
            redis.clear();
            assertThat(contents()).as("it is in MongoDB").containsExactly("before", "during");
        } finally {
            TestRabbit.shared().restart();
        }
        awaitSearchable("during");
        assertThat(contents()).containsExactly("before", "during");
    }

    @Test
    void withoutMongoTheConversationAndWhatIsRecentGoOn() throws Exception {
        mongo.close();
        JsonNode during = sendsUntilAcknowledged("during");
        assertThat(place(bob.receives("during"))).isEqualTo(place(during));
        assertThat(recentContents()).containsExactly("before", "during");

        mongo = MongoStandIn.start(directory, mongoPort);
        awaitSearchable("during");
        redis.clear();
        assertThat(contents()).containsExactly("before", "during");
    }

    @Test
    void withoutRedisAndRabbitMessagesAreFoundInMongo() throws Exception {
        redis.kill();
        TestRabbit.shared().kill();
        try {
            JsonNode during = sendsUntilAcknowledged("during");
            assertThat(place(bob.receives("during")))
                    .as("on the other instance")
                    .isEqualTo(place(during));
            assertThat(place(alice.receives("during"))).as("the sender's own").isEqualTo(place(during));
            assertThat(place(sendsUntilAcknowledged("during"))).as("a resend").isEqualTo(place(during));
            assertThat(contents()).containsExactly("before", "during");
            awaitState("Redis", "away");
            awaitState("RabbitMQ", "away");
            assertThat(Rest.get(bob.address(), "/health/readiness", null).status())
                    .as("it can serve")
                    .isEqualTo(200);
            bob.leaves();
            bob.connects();
            JsonNode joined = bob.joinsAfter(chat, Nodes.number(during, "seq"));
            assertThat(Nodes.field(joined, "ok").getBooleanValue()).isTrue();
            JsonNode second = sendsUntilAcknowledged("second");
            assertThat(place(bob.receives("second"))).isEqualTo(place(second));
        } finally {
            redis.restart();
            TestRabbit.shared().restart();
        }
        awaitSearchable("second");
        awaitSearchable("during");
        JsonNode after = sendsUntilAcknowledged("after");
        assertThat(place(bob.receives("after"))).isEqualTo(place(after));
        assertThat(place(sendsUntilAcknowledged("during"))).as("a resend").startsWith(messageIdOf("during"));
        assertThat(contents()).containsExactly("before", "during", "second", "after");
    }

    private String messageIdOf(String content) {
        return bob.history(chat).stream()
                .filter(message -> Nodes.text(message, "content").equals(content))
                .map(message -> Nodes.text(message, "messageId"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatComesAtAnotherPlaceBecauseRedisForgotTheFirstMovesForEverybody() throws Exception {
        // An instance died behind showing it; then Redis lost its memory; then the sender tried again.
        long first = Nodes.number(bob.historyOf(chat, 1).getFirst(), "seq") + 1;
        shown(first);
        bob.receives("moving");
        redis.clear();
        shown(first + 5);

        assertThat(Nodes.number(bob.receives("moving"), "seq")).isEqualTo(first + 5);
    }

    private void shown(long seq) {
        redis.publish(
                RedisKeys.chatChannel(new ChatId(chat)),
                "new-message %d {\"messageId\":\"%s\",\"chatId\":\"%s\",\"seq\":%d,\"content\":\"moving\"}"
                        .formatted(seq, "a".repeat(24), chat, seq));
    }

    @Test
    void withoutRabbitAndMongoNothingIsAcknowledgedAndWhatWasShownIsTakenBack() throws Exception {
        mongo.close();
        TestRabbit.shared().kill();
        List<PlainClient.Event> seen = new ArrayList<>();
        try {
            JsonNode answer = alice.client()
                    .requestLater("send-message", Person.message(chat, "refused", "refused"))
                    .get(30, TimeUnit.SECONDS);
            assertThat(Nodes.text(answer, "error", "code")).isEqualTo("UNAVAILABLE");
            assertThat(Nodes.number(answer, "error", "retryAfterMs")).isPositive();
            Await.until("what was shown is taken back", PATIENCE, () -> {
                seen.addAll(bob.client().pending());
                long shown = seen.stream()
                        .filter(event -> event.name().equals("new-message"))
                        .count();
                long retracted = seen.stream()
                        .filter(event -> event.name().equals("message-retracted"))
                        .count();
                return shown == retracted;
            });
            bob.leaves();
            bob.connects();
            bob.joins(chat);
            assertThat(recentContents()).containsExactly("before");
        } finally {
            TestRabbit.shared().restart();
            mongo = MongoStandIn.start(directory, mongoPort);
        }
        JsonNode kept = sendsUntilAcknowledged("refused");
        assertThat(place(bob.receives("refused"))).isEqualTo(place(kept));
        awaitSearchable("refused");
        assertThat(contents()).containsExactly("before", "refused");
    }
}
