package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.id.UserId;
import dev.parley.keys.RedisKeys;
import dev.parley.testing.Await;
import dev.parley.testing.Poller;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of an instance under SIGTERM, while people write. Every client is told, goes elsewhere and misses nothing. */
class DrainIT {

    private static final int PEOPLE = 6;
    private static final int SPREAD_MS = 3_000;
    private static final int SIGTERM_STATUS = 128 + 15;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    @Test
    void clientsAreToldSpreadAndResumedElsewhere() throws Exception {
        Map<String, String> servers =
                Processes.servers(TestRedis.shared(), Map.of("PARLEY_LIMITS_ENABLED", "false", "DRAIN_NOTICE", "4s"));
        AtomicBoolean enough = new AtomicBoolean();
        try (Processes processes = new Processes(directory, servers);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable journeysEnd = () -> enough.set(true)) {
            Processes.Running one = processes.start(
                    "tier-1",
                    dev.parley.tier.Main.class,
                    Map.of("SERVER_ID", "tier-1", "DRAIN_SPREAD", SPREAD_MS + "ms", "DRAIN_GRACE", "1s"));
            Processes.Running two = processes.start(
                    "tier-2",
                    dev.parley.tier.Main.class,
                    Map.of("SERVER_ID", "tier-2", "DRAIN_NOTICE", "0s", "DRAIN_SPREAD", "60s", "DRAIN_LIMIT", "3s"));
            Processes.awaitReady(one);
            Processes.awaitReady(two);

            List<Person> people = new ArrayList<>();
            for (int i = 0; i < PEOPLE; i++) {
                people.add(Person.registered(one.address(), "Person" + i).connects());
            }
            Poller poller = new Poller(one.address() + "/socket.io/");
            poller.open("&token=" + Person.registered(one.address(), "Pollster").token());
            poller.post("40");
            Future<String> polled = threads.submit(() -> pollToTheEnd(poller));
            String chat = people.getFirst().groupWith("Travellers", people.subList(1, PEOPLE));
            List<Traveller> travellers = new ArrayList<>();
            List<Future<?>> journeys = new ArrayList<>();
            for (Person person : people) {
                person.joins(chat);
                travellers.add(new Traveller(person, chat, two.address(), travellers.size() % 2 == 0));
            }
            for (Traveller traveller : travellers) {
                journeys.add(threads.submit(() -> {
                    traveller.writesUntil(enough);
                    return null;
                }));
            }
            Await.until("they are writing", () -> travellers.stream().allMatch(t -> t.acknowledged.size() > 5));

            long ordered = System.nanoTime();
            one.process().destroy();
            Await.until("it is not ready", () -> get(one, "/health/readiness").statusCode() == 503);
            assertThat(get(one, "/health/liveness").statusCode()).isEqualTo(200);
            HttpResponse<Void> refused = get(one, "/socket.io/?EIO=4&transport=websocket");
            assertThat(refused.statusCode()).as("a handshake").isEqualTo(503);
            assertThat(Integer.parseInt(
                            refused.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(1, 8);
            assertThatThrownBy(() -> PlainClient.connect(one.address() + "/ws"))
                    .rootCause()
                    .hasMessageContaining("503");
            assertThat(Rest.get(
                                    one.address(),
                                    "/api/users/me",
                                    people.getFirst().token())
                            .status())
                    .as("what is no connection is served to the end")
                    .isEqualTo(200);

            assertThat(one.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - ordered)).isLessThan(Duration.ofSeconds(20));
            assertThat(one.process().exitValue()).isEqualTo(SIGTERM_STATUS);
            assertThat(Files.readString(one.output())).doesNotContain("cut off").doesNotContain(" ERROR ");
            assertThat(polled.get(10, TimeUnit.SECONDS))
                    .as("who polls is told too")
                    .containsSubsequence("\"connected\"", "server-maintenance", "server-shutdown");
            for (Person person : people) {
                assertThat(TestRedis.shared().exists(RedisKeys.sockets(new UserId(person.userId()))))
                        .as("still online by the new connection")
                        .isTrue();
            }
            Await.until("they go on writing", () -> travellers.stream().allMatch(Traveller::hasArrivedAndWritten));
            enough.set(true);
            for (Future<?> journey : journeys) {
                journey.get(30, TimeUnit.SECONDS);
            }

            List<Long> delays = travellers.stream().map(t -> t.delayMs).toList();
            assertThat(delays)
                    .doesNotHaveDuplicates()
                    .allSatisfy(ms -> assertThat(ms).isBetween(0L, (long) SPREAD_MS));
            assertThat(delays.stream().max(Long::compare).orElseThrow()
                            - delays.stream().min(Long::compare).orElseThrow())
                    .as("spread evenly: %s", delays)
                    .isGreaterThan(SPREAD_MS / 2);
            List<String> history = people.getFirst().history(chat).stream()
                    .map(message -> Nodes.text(message, "content"))
                    .toList();
            assertThat(history).doesNotHaveDuplicates();
            for (Traveller traveller : travellers) {
                assertThat(traveller.closeCode).isEqualTo(traveller.stays ? 1012 : 0);
                assertThat(history).as("what was acknowledged").containsAll(traveller.acknowledged);
                traveller.hears(history.getLast());
                assertThat(List.copyOf(traveller.heard.values())).isEqualTo(history);
                assertThat(traveller.doubled).isEmpty();
            }

            two.process().destroy();
            assertThat(two.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(two.output())).containsPattern("[1-6] of 6 connections were cut off");
        }
    }

    @Test
    void withoutConnectionsItEndsAtOnce() throws Exception {
        Map<String, String> servers = Processes.servers(TestRedis.shared(), Map.of("DRAIN_NOTICE", "60s"));
        try (Processes processes = new Processes(directory, servers)) {
            Processes.Running tier = processes.start("tier", dev.parley.tier.Main.class, Map.of());
            Processes.awaitReady(tier);
            tier.process().destroy();
            assertThat(tier.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(tier.process().exitValue()).isEqualTo(SIGTERM_STATUS);
        }
    }

    /** All that a client over long-polling is told, up to the goodbye. */
    private static String pollToTheEnd(Poller client) throws Exception {
        try (client) {
            StringBuilder told = new StringBuilder();
            String body;
            do {
                HttpResponse<String> answer = client.get();
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                body = answer.body();
                told.append(body).append('\u001e');
            } while (!body.equals("1") && !body.endsWith("\u001e1"));
            return told.toString();
        }
    }

    private static HttpResponse<Void> get(Processes.Running tier, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(tier.address() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try (HttpClient connection = HttpClient.newHttpClient()) {
            return connection.send(request, HttpResponse.BodyHandlers.discarding());
        }
    }

    /** Writes all the time; leaves for the other instance at its time, or stays until it is closed. */
    private static final class Traveller {

        private final Person person;
        private final String chat;
        private final String elsewhere;
        private final boolean stays;
        /** messageId → content, in the order of arrival. */
        final Map<String, String> heard = new LinkedHashMap<>();

        final List<String> doubled = new ArrayList<>();
        final List<String> acknowledged = java.util.Collections.synchronizedList(new ArrayList<>());
        private final List<String> onThisConnection = new ArrayList<>();
        private long lastSeq;
        volatile long delayMs = -1;
        volatile int closeCode;
        private long leaveAt = Long.MAX_VALUE;
        private volatile int acknowledgedOnLeaving = -1;

        Traveller(Person person, String chat, String elsewhere, boolean stays) {
            this.person = person;
            this.chat = chat;
            this.elsewhere = elsewhere;
            this.stays = stays;
        }

        boolean hasArrivedAndWritten() {
            return acknowledgedOnLeaving >= 0 && acknowledged.size() > acknowledgedOnLeaving + 5;
        }

        void writesUntil(AtomicBoolean enough) throws InterruptedException {
            for (int i = 0; !enough.get(); i++) {
                String content = person.username() + " " + i;
                sendsUntilAcknowledged(content);
                acknowledged.add(content);
                Thread.sleep(20);
            }
        }

        private void sendsUntilAcknowledged(String content) throws InterruptedException {
            while (true) {
                PlainClient client = person.client();
                var answer =
                        client.requestLater("send-message", Person.message(chat, content, content.replace(' ', '-')));
                while (!answer.isDone() && person.client() == client) {
                    listens();
                    Thread.sleep(5);
                }
                if (answer.isDone()) {
                    JsonNode told = answer.join();
                    assertThat(Nodes.field(told, "ok").getBooleanValue())
                            .as("%s", told.getValue())
                            .isTrue();
                    return;
                }
            }
        }

        private void listens() {
            PlainClient client = person.client();
            boolean open = client.isOpen();
            take(client);
            if (!open) {
                closeCode = client.awaitClose();
                moves();
            } else if (!stays && System.nanoTime() > leaveAt) {
                moves();
            }
        }

        private void take(PlainClient client) {
            for (PlainClient.Event event : client.pending()) {
                if (event.name().equals("server-maintenance")) {
                    assertThat(Nodes.text(event.data(), "phase")).isEqualTo("reconnect");
                    delayMs = Nodes.number(event.data(), "reconnectInMs");
                    leaveAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
                } else if (event.name().equals("new-message")) {
                    String id = Nodes.text(event.data(), "messageId");
                    if (onThisConnection.contains(id)) {
                        doubled.add(id);
                    }
                    onThisConnection.add(id);
                    heard.putIfAbsent(id, Nodes.text(event.data(), "content"));
                    lastSeq = Math.max(lastSeq, Nodes.number(event.data(), "seq"));
                }
            }
        }

        private void moves() {
            PlainClient old = person.client();
            var _ = person.connectsTo(elsewhere);
            leaveAt = Long.MAX_VALUE;
            onThisConnection.clear();
            var _ = person.joinsAfter(chat, lastSeq);
            old.close();
            acknowledgedOnLeaving = acknowledged.size();
        }

        void hears(String last) throws Exception {
            Await.until("the last message is heard", () -> {
                take(person.client());
                return heard.containsValue(last);
            });
        }
    }
}
