package dev.parley.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.id.ChatId;
import dev.parley.testing.Await;
import dev.parley.wire.Json;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adds about ten seconds; {@code -DexcludedGroups=opensearch} leaves it out. */
@Tag("opensearch")
class OpenSearchIT extends SearchContract {

    private static final ChatId CHAT = new ChatId("a".repeat(24));

    private static TestOpenSearch server;
    private static OpenSearchIndex index;

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        server = new TestOpenSearch(home);
        index = new OpenSearchIndex(server.uri(), Duration.ofSeconds(10), Json.standalone(), new Breakers());
        assertThat(index.search("creates the index", List.of(CHAT), 1)).isEmpty();
        refreshOften();
    }

    /** So that each test need not wait for the second that a message may take to be found. */
    private static void refreshOften() throws Exception {
        HttpRequest settings = HttpRequest.newBuilder(server.uri().resolve("/" + OpenSearchIndex.INDEX + "/_settings"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"index\":{\"refresh_interval\":\"50ms\"}}"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(settings, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        index.close();
        server.close();
    }

    @Override
    SearchIndex searchIndex() {
        return index;
    }

    @Test
    void aSecondProcessFindsTheIndexThere() {
        try (OpenSearchIndex second =
                new OpenSearchIndex(server.uri(), Duration.ofSeconds(10), Json.standalone(), new Breakers())) {
            assertThat(second.search("nothing", List.of(CHAT), 10)).isEmpty();
        }
    }

    @Test
    void aServerThatIsAwayIsSaidToBeAway() throws Exception {
        URI nobody;
        try (ServerSocket closedAtOnce = new ServerSocket(0)) {
            nobody = URI.create("http://127.0.0.1:" + closedAtOnce.getLocalPort());
        }
        try (OpenSearchIndex away =
                new OpenSearchIndex(nobody, Duration.ofSeconds(1), Json.standalone(), new Breakers())) {
            assertThatThrownBy(() -> away.search("x", List.of(CHAT), 10)).isInstanceOf(ServerAwayException.class);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsAwayAfterTheTimeout() throws Exception {
        // Takes connections (the backlog does) and never answers.
        try (ServerSocket silent = new ServerSocket(0);
                OpenSearchIndex away = new OpenSearchIndex(
                        URI.create("http://127.0.0.1:" + silent.getLocalPort()),
                        Duration.ofMillis(300),
                        Json.standalone(),
                        new Breakers())) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> away.search("x", List.of(CHAT), 10)).isInstanceOf(ServerAwayException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aServerThatIsKnownToBeAwayIsNotAskedUntilAProbeFindsItBack() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        AtomicInteger calls = new AtomicInteger();
        HttpServer overloaded = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        overloaded.createContext("/", exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/")) {
                calls.incrementAndGet();
            }
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        overloaded.start();
        URI uri = URI.create("http://127.0.0.1:" + overloaded.getAddress().getPort());
        Breakers breakers = new Breakers();
        try (OpenSearchIndex away = new OpenSearchIndex(uri, Duration.ofSeconds(5), Json.standalone(), breakers)) {
            assertThat(breakers.states()).containsKey("OpenSearch");
            Await.until("the breaker is open", Duration.ofSeconds(30), () -> {
                assertThatThrownBy(() -> away.search("x", List.of(CHAT), 10)).isInstanceOf(ServerAwayException.class);
                return breakers.isAway(Server.OPENSEARCH);
            });
            int before = calls.get();
            for (int i = 0; i < 1_000; i++) {
                assertThatThrownBy(() -> away.search("x", List.of(CHAT), 10)).isInstanceOf(ServerAwayException.class);
            }
            assertThat(calls.get() - before).as("of a thousand calls").isLessThan(50);

            status.set(200);
            Await.until("it is back", Duration.ofSeconds(30), () -> !breakers.isAway(Server.OPENSEARCH));
        } finally {
            overloaded.stop(0);
        }
    }
}
