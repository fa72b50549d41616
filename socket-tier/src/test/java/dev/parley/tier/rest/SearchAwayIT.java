package dev.parley.tier.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.parley.testing.Await;
import dev.parley.testing.TestRedis;
import dev.parley.tier.TestInstance;
import dev.parley.wire.Json;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Searching while OpenSearch is away: a stand-in answers as one does that has no nodes left. */
class SearchAwayIT {

    private static final byte[] NO_HITS =
            "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},\"hits\":{\"hits\":[]}}"
                    .getBytes(StandardCharsets.UTF_8);

    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean serves;
    private HttpServer openSearch;
    private ApplicationContext context;
    private URI address;
    private String token;

    @BeforeEach
    void start() throws Exception {
        openSearch = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        openSearch.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean search = path.endsWith("/_search");
            if (!path.equals("/")) {
                calls.incrementAndGet();
            }
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            if (!serves || !search) {
                exchange.sendResponseHeaders(serves ? 200 : 503, -1);
            } else {
                exchange.sendResponseHeaders(200, NO_HITS.length);
                exchange.getResponseBody().write(NO_HITS);
            }
            exchange.close();
        });
        openSearch.start();
        context = TestInstance.start(
                TestRedis.shared(),
                Map.of(
                        "search.uri",
                        "http://127.0.0.1:" + openSearch.getAddress().getPort(),
                        "parley.limits.enabled",
                        false,
                        "micronaut.server.port",
                        -1));
        address = context.getBean(EmbeddedServer.class).start().getURI();
        HttpResponse<String> registered = http.send(
                HttpRequest.newBuilder(address.resolve("/api/auth/register"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"username\":\"ada\",\"password\":\"correct horse\",\"displayName\":\"Ada\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        token = Objects.requireNonNull(
                        Json.parse(registered.body()).orElseThrow().get("accessToken"))
                .getStringValue();
        String chat = "{\"type\":\"group\",\"name\":\"alone\",\"memberIds\":[]}";
        assertThat(http.send(
                                HttpRequest.newBuilder(address.resolve("/api/chats"))
                                        .header("Content-Type", "application/json")
                                        .header("Authorization", "Bearer " + token)
                                        .POST(HttpRequest.BodyPublishers.ofString(chat))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(201);
    }

    @AfterEach
    void stop() {
        context.close();
        openSearch.stop(0);
        http.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(address.resolve(path))
                        .header("Authorization", "Bearer " + token)
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void awaitReadiness(String state) throws Exception {
        Await.until(
                "OpenSearch is " + state,
                Duration.ofSeconds(30),
                () -> get("/health/readiness").body().contains("\"OpenSearch\":\"" + state + "\""));
    }

    @Test
    void searchingIsRefusedAtOnceWithATimeToComeBackAndWorksAgainByItself() throws Exception {
        awaitReadiness("away");
        assertThat(get("/health/readiness").statusCode())
                .as("it serves all the rest")
                .isEqualTo(200);
        assertThat(get("/prometheus").body()).contains("parley_server_away{server=\"OpenSearch\"} 1.0");
        for (int i = 0; i < 50; i++) {
            HttpResponse<String> refused = get("/api/search?q=word");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(refused.body()).contains("\"code\":\"UNAVAILABLE\"", "retryAfterMs");
        }
        assertThat(calls.get()).as("that reached it").isLessThan(10);

        serves = true;
        awaitReadiness("up");
        HttpResponse<String> found = get("/api/search?q=word");
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
    }
}
