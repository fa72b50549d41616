package dev.parley.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Poller;
import dev.parley.testing.RawSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Engine.IO as the official suite has it, and what the suite leaves out. */
class EngineIoConformanceIT {

    private static final String POLLING = "?EIO=4&transport=polling";
    private static final String SESSION_UNKNOWN = "{\"code\":1,\"message\":\"Session ID unknown\"}";
    private static final String BAD_REQUEST = "{\"code\":3,\"message\":\"Bad request\"}";

    private static ConformanceServer patient;
    private static ConformanceServer quick;

    private final Poller client = new Poller(patient.address("/engine.io/"));

    @BeforeAll
    static void start() {
        patient =
                ConformanceServer.start(0, Map.of("conformance.ping-interval", "1m", "conformance.max-payload", 2_000));
        quick = ConformanceServer.start(
                0, Map.of("conformance.ping-interval", "100ms", "conformance.ping-timeout", "100ms"));
    }

    @AfterAll
    static void end() {
        patient.close();
        quick.close();
    }

    @AfterEach
    void leave() {
        client.close();
    }

    private static RawSocket webSocket(ConformanceServer server, String more) throws IOException {
        return RawSocket.open(server.address("/engine.io/?EIO=4&transport=websocket") + more);
    }

    // ---- handshake ------------------------------------------------------------------------------------------------

    @Test
    void theOpenPacketHasExactlyFiveFields() throws Exception {
        assertThat(client.open())
                .isEqualTo(
                        "0{\"sid\":\"" + client.sid()
                                + "\",\"upgrades\":[\"websocket\"],\"pingInterval\":60000,\"pingTimeout\":200,\"maxPayload\":2000}");
        try (RawSocket socket = webSocket(patient, "")) {
            assertThat(socket.awaitText("0{"))
                    .matches("0\\{\"sid\":\"[^\"]+\",\"upgrades\":\\[],\"pingInterval\":60000,"
                            + "\"pingTimeout\":200,\"maxPayload\":2000}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET  | ?transport=polling                    | {\"code\":5,\"message\":\"Unsupported protocol version\"}",
                "GET  | ?EIO=abc&transport=polling            | {\"code\":5,\"message\":\"Unsupported protocol version\"}",
                "GET  | ?EIO=4                                | {\"code\":0,\"message\":\"Transport unknown\"}",
                "GET  | ?EIO=4&transport=abc                  | {\"code\":0,\"message\":\"Transport unknown\"}",
                "POST | ?EIO=4&transport=polling              | {\"code\":2,\"message\":\"Bad handshake method\"}",
                "PUT  | ?EIO=4&transport=polling              | {\"code\":2,\"message\":\"Bad handshake method\"}",
                "GET  | ?EIO=4&transport=polling&sid=nobody   | {\"code\":1,\"message\":\"Session ID unknown\"}",
                "POST | ?EIO=4&transport=polling&sid=nobody   | {\"code\":1,\"message\":\"Session ID unknown\"}",
                "PUT  | ?EIO=4&transport=polling&sid=nobody   | {\"code\":3,\"message\":\"Bad request\"}",
                "GET  | ?EIO=4&transport=websocket            | {\"code\":3,\"message\":\"Bad request\"}"
            })
    void whatIsNoHandshakeIsRefusedInTheWordsOfTheProtocol(String method, String query, String answer)
            throws Exception {
        HttpResponse<String> response = client.send(method, query, "");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo(answer);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void anotherOriginMayPollWhereItIsAllowed() throws Exception {
        HttpResponse<String> preflight = client.send("OPTIONS", POLLING, "");

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("access-control-allow-methods"))
                .contains("GET,POST");
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"4hello", "4test1\u001e4test2\u001e4test3", "4grüße 👋\u001ebAQIDBA==", "4"})
    void messagesComeBackOverPolling(String body) throws Exception {
        client.open();

        HttpResponse<String> posted = client.post(body);

        assertThat(posted.statusCode()).isEqualTo(200);
        assertThat(posted.body()).isEqualTo("ok");
        assertThat(client.get().body()).isEqualTo(body);
    }

    @Test
    void aGetWaitsForWhatIsSentLater() throws Exception {
        client.open();
        CompletableFuture<HttpResponse<String>> waiting = client.getLater();

        client.post("4later");

        assertThat(waiting.get().body()).isEqualTo("4later");
    }

    @Test
    void messagesComeBackOverAWebSocket() throws Exception {
        try (RawSocket socket = webSocket(patient, "")) {
            socket.awaitText("0{");
            socket.text("4hello");
            assertThat(socket.read().text()).isEqualTo("4hello");
            socket.frame(0x82, new byte[] {1, 2, 3, 4});
            RawSocket.Frame binary = socket.read();
            assertThat(binary.opcode()).isEqualTo(2);
            assertThat(binary.payload()).containsExactly(1, 2, 3, 4);
        }
    }

    // ---- violations -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"abc", "b###", "2", "0{}"})
    void anInvalidPacketEndsThePollingSession(String body) throws Exception {
        client.open();

        client.post(body);

        assertThat(client.get().statusCode()).isEqualTo(400);
    }

    @Test
    void whatStandsBeforeAnInvalidPacketIsAnsweredYet() throws Exception {
        client.open();

        assertThat(answer(client.post("4a\u001eabc"))).isEqualTo("400 " + BAD_REQUEST);

        assertThat(client.get().body()).isEqualTo("4a\u001e1");
        assertThat(answer(client.get())).isEqualTo("400 " + SESSION_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "", "2", "2probe", "5", "7"})
    void anInvalidPacketEndsTheWebSocket(String packet) throws Exception {
        try (RawSocket socket = webSocket(patient, "")) {
            socket.awaitText("0{");
            socket.text(packet);
            assertThat(socket.awaitClose()).isEqualTo(1002);
        }
    }

    @Test
    void aSecondGetEndsTheSession() throws Exception {
        client.open();
        CompletableFuture<HttpResponse<String>> first = client.getLater();
        // Whichever of the two comes second is the one too many.
        CompletableFuture<HttpResponse<String>> second = client.getLater();

        assertThat(java.util.List.of(answer(first.get()), answer(second.get())))
                .containsExactlyInAnyOrder("200 1", "400 " + BAD_REQUEST);
        assertThat(answer(client.get())).isEqualTo("400 " + SESSION_UNKNOWN);
    }

    private static String answer(HttpResponse<String> response) {
        return response.statusCode() + " " + response.body();
    }

    @Test
    void aBodyThatIsTooLongEndsTheSession() throws Exception {
        client.open();

        assertThat(client.post("4" + "x".repeat(2_000)).statusCode()).isEqualTo(413);
        assertThat(answer(client.get())).isEqualTo("400 " + SESSION_UNKNOWN);
    }

    @Test
    void aMessageThatIsTooLongEndsTheWebSocket() throws Exception {
        try (RawSocket socket = webSocket(patient, "")) {
            socket.awaitText("0{");
            socket.text("4" + "x".repeat(2_000));
            assertThat(socket.awaitClose()).isEqualTo(1009);
        }
    }

    @Test
    void aReaderThatDoesNotFetchIsGivenUp() throws Exception {
        client.open();
        String most = "4" + "x".repeat(1_999);
        for (int i = 0; i < 3; i++) { // a frame is four bytes longer, so that four do not fit
            assertThat(client.post(most).statusCode()).isEqualTo(200);
        }

        assertThat(client.post(most).statusCode()).isEqualTo(200);

        assertThat(answer(client.get())).isEqualTo("400 " + SESSION_UNKNOWN);
    }

    // ---- heartbeats -----------------------------------------------------------------------------------------------

    @Test
    void aSilentClientIsGivenUp() throws Exception {
        try (Poller silent = new Poller(quick.address("/engine.io/"));
                RawSocket socket = webSocket(quick, "")) {
            silent.open();
            socket.awaitText("0{");

            assertThat(socket.awaitText("2")).isEqualTo("2");
            assertThat(socket.awaitClose()).isEqualTo(4410);
            HttpResponse<String> answer = silent.get();
            while (answer.statusCode() == 200) { // pings, then the end
                answer = silent.get();
            }
            assertThat(answer(answer)).isEqualTo("400 " + SESSION_UNKNOWN);
        }
    }

    // ---- the end --------------------------------------------------------------------------------------------------

    @Test
    void aClientThatLeavesHasItsGetAnswered() throws Exception {
        client.open();
        CompletableFuture<HttpResponse<String>> waiting = client.getLater();

        assertThat(client.post("1").statusCode()).isEqualTo(200);

        assertThat(waiting.get().body()).isEqualTo("6");
        assertThat(client.get().statusCode()).isEqualTo(400);
    }

    @Test
    void aClientThatLeavesHasItsWebSocketClosed() throws Exception {
        try (RawSocket socket = webSocket(patient, "")) {
            socket.awaitText("0{");
            socket.text("1");
            assertThat(socket.awaitClose()).isEqualTo(1000);
        }
    }

    // ---- the upgrade ----------------------------------------------------------------------------------------------

    @Test
    void aSessionGoesOverToAWebSocketWithAllThatWaits() throws Exception {
        client.open();
        try (RawSocket socket = webSocket(patient, "&sid=" + client.sid())) {
            CompletableFuture<HttpResponse<String>> waiting = client.getLater();
            socket.text("2probe");
            assertThat(socket.awaitText("probe")).isEqualTo("3probe");
            assertThat(waiting.get().body()).isEqualTo("6");
            client.post("4before\u001ebAQID");

            socket.text("5");
            socket.text("4after");

            assertThat(socket.read().text()).isEqualTo("4before");
            assertThat(socket.read().payload()).containsExactly(1, 2, 3);
            assertThat(socket.read().text()).isEqualTo("4after");
            assertThat(answer(client.get())).isEqualTo("400 " + BAD_REQUEST);
            assertThat(answer(client.post("4x"))).isEqualTo("400 " + BAD_REQUEST);
            try (RawSocket late = webSocket(patient, "&sid=" + client.sid())) {
                assertThat(late.awaitClose()).isEqualTo(1002);
            }
            socket.text("4still");
            assertThat(socket.read().text()).isEqualTo("4still");
        }
        awaitForgotten();
    }

    private void awaitForgotten() throws Exception {
        dev.parley.testing.Await.until(
                "the session is forgotten",
                java.time.Duration.ofSeconds(10),
                () -> answer(client.get()).equals("400 " + SESSION_UNKNOWN));
    }

    @Test
    void aWebSocketThatGivesUpLeavesTheSessionPolling() throws Exception {
        client.open();
        try (RawSocket socket = webSocket(patient, "&sid=" + client.sid())) {
            socket.text("2probe");
            socket.awaitText("3probe");
        }
        try (RawSocket wrong = webSocket(patient, "&sid=" + client.sid())) {
            wrong.text("4not yet");
            assertThat(wrong.awaitClose()).isEqualTo(1002);
        }

        client.post("4still here");

        HttpResponse<String> answer = client.get();
        while (answer.body().equals("6")) { // until the server has seen that the WebSocket is gone
            answer = client.get();
        }
        assertThat(answer.body()).isEqualTo("4still here");
    }

    @Test
    void aSecondWebSocketDoesNotDisturbTheFirst() throws Exception {
        client.open();
        try (RawSocket first = webSocket(patient, "&sid=" + client.sid())) {
            first.text("2probe");
            first.awaitText("3probe");
            try (RawSocket second = webSocket(patient, "&sid=" + client.sid())) {
                assertThat(second.awaitClose()).isEqualTo(1002);
            }
            first.text("5");
            first.text("4hello");
            assertThat(first.awaitText("hello")).isEqualTo("4hello");
        }
    }

    @Test
    void theHeartbeatGoesOnAfterTheUpgrade() throws Exception {
        try (Poller upgrading = new Poller(quick.address("/engine.io/"))) {
            upgrading.open();
            try (RawSocket socket = webSocket(quick, "&sid=" + upgrading.sid())) {
                socket.frame(0x81, "2probe".getBytes(StandardCharsets.UTF_8));
                socket.frame(0x81, "5".getBytes(StandardCharsets.UTF_8));
                for (int i = 0; i < 3; i++) {
                    socket.awaitText("2");
                    socket.text("3");
                }
                assertThat(socket.awaitClose()).isEqualTo(4410);
            }
        }
    }
}
