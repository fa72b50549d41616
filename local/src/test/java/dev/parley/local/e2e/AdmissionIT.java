package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.testing.Await;
import dev.parley.testing.RawSocket;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import dev.parley.tier.Main;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by processes of their own, and what becomes of their users when they stop or die. */
class AdmissionIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    private final TestRedis redis = TestRedis.own();

    private Map<String, String> servers() {
        return Processes.servers(
                redis,
                Map.of(
                        "PARLEY_ADMINS",
                        "root-of-all",
                        "PARLEY_LIMITS_CONNECTS_PER_USER",
                        "1000",
                        "PARLEY_REDIS_HEARTBEAT",
                        "500ms",
                        "PARLEY_REDIS_HEARTBEAT_LAPSE",
                        "6s",
                        "DRAIN_NOTICE",
                        "0s"));
    }

    private static HttpResponse<String> get(String address) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(address))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static boolean letsIn(Processes.Running tier, String path, List<RawSocket> open) throws IOException {
        try {
            open.add(RawSocket.open(tier.address() + path));
            return true;
        } catch (IOException refused) {
            assertThat(refused).hasMessageContaining("503");
            return false;
        }
    }

    @Test
    void newConnectionsAreRefusedAboveTheRateAndAboveTheBound() throws Exception {
        List<RawSocket> open = new ArrayList<>();
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running tier = processes.start(
                    "tier",
                    Main.class,
                    Map.of(
                            "PARLEY_ADMISSION_PER_SECOND", "2",
                            "PARLEY_ADMISSION_BREAKER_PER_SECOND", "100000",
                            "PARLEY_ADMISSION_CONNECTIONS", "20",
                            // These connections say nothing, and are to stay all the same.
                            "PARLEY_TIER_AUTHENTICATION_TIMEOUT", "10m",
                            "PARLEY_TIER_HEARTBEAT", "10m"));
            Processes.awaitReady(tier);
            assertThat(Files.readString(tier.output())).contains("holding at most 20 connections, as configured");
            assertThat(get(tier.address() + "/ws").statusCode())
                    .as("plain HTTP, and nobody is refused now")
                    .isEqualTo(400);

            // More come at once than in a second, by both doors.
            List<String> paths = List.of("/ws", "/socket.io/?EIO=4&transport=websocket");
            Await.until("one is refused", PATIENCE, () -> !letsIn(tier, paths.get(open.size() % 2), open));
            for (int i = 0; i < 30; i++) {
                var _ = letsIn(tier, "/ws", open);
            }
            HttpResponse<String> asked = get(tier.address() + "/ws");
            assertThat(asked.statusCode()).isEqualTo(503);
            long retryAfterMs = Nodes.number(Json.parse(asked.body()).orElseThrow(), "retryAfterMs");
            assertThat(retryAfterMs).isPositive();
            assertThat(asked.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isEqualTo((retryAfterMs + 999) / 1_000);
            assertThat(get(tier.address() + "/health/liveness").statusCode())
                    .as("only connections are refused")
                    .isEqualTo(200);
            assertThat(get(tier.address() + "/prometheus").body())
                    .containsPattern("parley_admission_refused_total\\{reason=\"rate\",?\\} [1-9]");

            Await.until("so many as it holds are open", PATIENCE, () -> {
                var _ = letsIn(tier, "/ws", open);
                return open.size() == 20;
            });
            Await.until("the bound is noticed", PATIENCE, () -> {
                assertThat(letsIn(tier, "/ws", open)).isFalse();
                return get(tier.address() + "/prometheus")
                        .body()
                        .matches("(?s).*parley_admission_refused_total\\{reason=\"full\",?\\} [1-9].*");
            });
            open.removeFirst().close();
            Await.until("there is room for another", PATIENCE, () -> letsIn(tier, "/ws", open));
        } finally {
            for (RawSocket socket : open) {
                socket.close();
            }
            redis.kill();
        }
    }

    @Test
    void aUserTriesToConnectOnlySoOften() throws Exception {
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running tier =
                    processes.start("tier", Main.class, Map.of("PARLEY_LIMITS_CONNECTS_PER_USER", "3"));
            Processes.awaitReady(tier);
            Person alice = Person.registered(tier.address(), "Alice");
            for (int i = 0; i < 3; i++) {
                var _ = alice.connects();
                alice.leaves();
            }
            PlainClient fourth = PlainClient.connect(tier.address() + "/ws?token=" + alice.token());
            JsonNode error = fourth.awaitEvent("error");
            assertThat(Nodes.text(error, "code")).isEqualTo("RATE_LIMITED");
            assertThat(Nodes.number(error, "retryAfterMs")).isBetween(1L, 60_000L);
            assertThat(fourth.awaitClose()).as("come back later").isEqualTo(1013);
        } finally {
            redis.kill();
        }
    }

    @Test
    void connectionsCountOverAllInstancesUntilTheirInstanceIsDead() throws Exception {
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running one = processes.start("one", Main.class, Map.of("SERVER_ID", "one"));
            Processes.Running two = processes.start("two", Main.class, Map.of("SERVER_ID", "two"));
            Processes.awaitReady(one);
            Processes.awaitReady(two);
            Person alice = Person.registered(one.address(), "Alice");
            String administrator = administrator(one);
            List<PlainClient> open = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                open.add(PlainClient.connect((i < 3 ? one : two).address() + "/ws?token=" + alice.token()));
                open.getLast().awaitEvent("connected");
            }
            assertThat(sixth(two, alice)).isEqualTo(4429);
            Await.until(
                    "both say how many they have",
                    PATIENCE,
                    () -> connections(two, administrator).equals(Map.of("one", 3L, "two", 2L)));

            one.kill();
            Await.until("its connections do not count any more", PATIENCE, () -> {
                PlainClient client = PlainClient.connect(two.address() + "/ws?token=" + alice.token());
                boolean in = client.nextEvent().name().equals("connected");
                if (in) {
                    open.add(client);
                } else {
                    assertThat(client.awaitClose())
                            .as("come back later, or not")
                            .isIn(1013, 4429);
                }
                return in;
            });
            Await.until(
                    "it is not listed any more",
                    PATIENCE,
                    () -> connections(two, administrator).equals(Map.of("two", 3L)));
            Await.until(
                    "somebody has cleared up after it",
                    PATIENCE,
                    () -> !redis.exists(RedisKeys.DEAD_SERVERS)
                            && Files.readString(two.output()).contains("cleared up after instance one/"));
            for (int i = 0; i < 2; i++) {
                open.add(PlainClient.connect(two.address() + "/ws?token=" + alice.token()));
                open.getLast().awaitEvent("connected");
            }
            assertThat(sixth(two, alice)).isEqualTo(4429);
            open.forEach(PlainClient::close);
        } finally {
            redis.kill();
        }
    }

    @Test
    void anInstanceThatWasStoppedForAWhileRegistersAnew() throws Exception {
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running one = processes.start("one", Main.class, Map.of("SERVER_ID", "one"));
            Processes.Running two = processes.start("two", Main.class, Map.of("SERVER_ID", "two"));
            Processes.awaitReady(one);
            Processes.awaitReady(two);
            Person alice = Person.registered(one.address(), "Alice").connects();
            String administrator = administrator(two);
            Await.until(
                    "both are there",
                    PATIENCE,
                    () -> connections(two, administrator).equals(Map.of("one", 1L, "two", 0L)));
            String sockets = RedisKeys.sockets(new UserId(alice.userId()));
            assertThat(redis.exists(sockets)).isTrue();

            signal("STOP", one);
            Await.until("its connections are removed", PATIENCE, () -> !redis.exists(sockets));
            signal("CONT", one);
            Await.until("its connections are there again", PATIENCE, () -> redis.exists(sockets));
            Await.until(
                    "it lives under another name",
                    PATIENCE,
                    () -> connections(two, administrator).equals(Map.of("one", 1L, "two", 0L)));
            assertThat(alice.client().ask("ping", "{}")).isNotNull();
            alice.close();
        } finally {
            redis.kill();
        }
    }

    private static void signal(String name, Processes.Running process) throws Exception {
        Process kill = new ProcessBuilder(
                        "kill", "-" + name, Long.toString(process.process().pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    private static int sixth(Processes.Running tier, Person person) {
        return PlainClient.connect(tier.address() + "/ws?token=" + person.token())
                .awaitClose();
    }

    private static String administrator(Processes.Running tier) {
        Rest.Answer answer = Rest.post(
                tier.address(),
                "/api/auth/register",
                null,
                "{\"username\":\"root-of-all\",\"password\":\"correct horse\",\"displayName\":\"Root\"}");
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(201);
        return answer.text("accessToken");
    }

    /** Connections by server, as administrators see them. */
    private static Map<String, Long> connections(Processes.Running tier, String administrator) {
        Rest.Answer answer = Rest.get(tier.address(), "/api/admin/servers", administrator);
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
        return Nodes.list(answer.body(), "servers").stream()
                .filter(server -> Nodes.field(server, "alive").getBooleanValue())
                .collect(Collectors.toMap(
                        server -> Nodes.text(server, "serverId"), server -> Nodes.number(server, "connections")));
    }

    @Test
    void theListIsForAdministratorsOnly() {
        Person bob = Person.registered(Parleys.shared().addresses().getFirst(), "Bob");
        Rest.Answer answer = Rest.get(bob.address(), "/api/admin/servers", bob.token());
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.text("code")).isEqualTo("FORBIDDEN");
        redis.kill();
    }

    @Test
    void readingPausesWhileSendsAreUnacknowledged() throws Exception {
        TestRabbit rabbit = TestRabbit.shared();
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running tier = processes.start("tier", Main.class, Map.of("PARLEY_TIER_REQUESTS_IN_FLIGHT", "4"));
            Processes.awaitReady(tier);
            try (Person alice = Person.registered(tier.address(), "Alice").connects();
                    Person bob = Person.registered(tier.address(), "Bob")) {
                String chat = alice.chatWith(bob);
                var _ = alice.joins(chat);
                rabbit.pause();
                List<String> order = Collections.synchronizedList(new ArrayList<>());
                for (int i = 0; i < 4; i++) {
                    String content = "m" + i;
                    var _ = alice.client()
                            .requestLater("send-message", Person.message(chat, content, content))
                            .thenAccept(answer -> order.add("sent"));
                    var _ = alice.receives(content);
                    if (i == 2) {
                        assertThat(alice.client().ask("ping", "{}")).isNotNull();
                        assertThat(order)
                                .as("three are under way, and others are answered")
                                .isEmpty();
                    }
                }
                var _ = alice.client().requestLater("ping", "{}").thenAccept(answer -> order.add("pong"));
                rabbit.resume();
                Await.until("all are answered", PATIENCE, () -> order.size() == 5);
                assertThat(order.indexOf("pong"))
                        .as("read only when half had been answered: %s", order)
                        .isGreaterThanOrEqualTo(2);
            }
        } finally {
            rabbit.resume();
            redis.kill();
        }
    }
}
