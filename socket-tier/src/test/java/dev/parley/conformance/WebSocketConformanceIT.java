package dev.parley.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.RawSocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 where Autobahn looks: fragments (its cases 5), UTF-8 (6) and closing (7). */
class WebSocketConformanceIT {

    private static final int TEXT = 0x01;
    private static final int CONTINUATION = 0x00;
    private static final int FIN = 0x80;
    private static final int PING = 0x89;
    private static final int CLOSE = 0x88;
    private static final HexFormat HEX = HexFormat.of();

    private static ConformanceServer server;
    private RawSocket socket;

    @BeforeAll
    static void start() {
        server = ConformanceServer.start(0, Map.of());
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        socket = RawSocket.open(server.address("/echo"));
    }

    @AfterEach
    void leave() throws Exception {
        socket.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- the opening handshake --------------------------------------------------------------------------------------

    private static final String HOST = "Host: localhost";
    private static final String UPGRADE = "Upgrade: websocket";
    private static final String CONNECTION = "Connection: keep-alive, Upgrade";
    private static final String VERSION = "Sec-WebSocket-Version: 13";
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    private static List<String> ask(String... header) throws Exception {
        return RawSocket.ask(server.address("/echo"), header);
    }

    @Test
    void theHandshakeIsAnsweredAsInTheSpecification() throws Exception {
        assertThat(ask(HOST, UPGRADE, CONNECTION, VERSION, KEY))
                .contains(
                        "http/1.1 101 switching protocols",
                        "upgrade: websocket",
                        "connection: upgrade",
                        "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=")
                .noneMatch(line -> line.startsWith("content-") || line.startsWith("transfer-encoding"));
    }

    @Test
    void compressionIsAgreedOnWhereItIsOffered() throws Exception {
        String offers = "Sec-WebSocket-Extensions: x-unknown, permessage-deflate; server_no_context_takeover;"
                + " client_no_context_takeover; client_max_window_bits, permessage-deflate; client_max_window_bits";
        assertThat(ask(HOST, UPGRADE, CONNECTION, VERSION, KEY, offers))
                .contains("sec-websocket-extensions: permessage-deflate");
    }

    @Test
    void anotherVersionIsToldWhichOneIsSpoken() throws Exception {
        assertThat(ask(HOST, UPGRADE, CONNECTION, "Sec-WebSocket-Version: 8", KEY))
                .contains("sec-websocket-version: 13")
                .first()
                .asString()
                .contains("426");
    }

    @ParameterizedTest
    @CsvSource({
        "Upgrade: websocket, Connection: close, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Upgrade: h3, Connection: Upgrade, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Upgrade: websocket, Connection: Upgrade, Sec-WebSocket-Key: c2hvcnQ=",
        "Upgrade: websocket, Connection: Upgrade, Sec-WebSocket-Key: ****",
        "Upgrade: websocket, Connection: Upgrade, X-Nothing: of it"
    })
    void otherHandshakesAreBadRequests(String upgrade, String connection, String key) throws Exception {
        assertThat(ask(HOST, VERSION, upgrade, connection, key))
                .first()
                .asString()
                .contains("400");
    }

    // ---- fragments ------------------------------------------------------------------------------------------------

    @Test
    void fragmentsArePutTogetherWithControlFramesBetween() throws Exception {
        socket.frame(TEXT, utf8("one "));
        socket.frame(PING, utf8("between"));
        socket.frame(CONTINUATION, utf8("two "));
        socket.frame(CONTINUATION, new byte[0]);
        socket.frame(FIN | CONTINUATION, utf8("three"));

        RawSocket.Frame pong = socket.read();
        assertThat(pong.opcode()).isEqualTo(10);
        assertThat(pong.text()).isEqualTo("between");
        assertThat(socket.read().text()).isEqualTo("one two three");
    }

    @Test
    void aContinuationOfNothingIsAViolation() throws Exception {
        socket.frame(FIN | CONTINUATION, utf8("x"));
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void aNewMessageInTheMiddleOfOneIsAViolation() throws Exception {
        socket.frame(TEXT, utf8("x"));
        socket.frame(FIN | TEXT, utf8("y"));
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x09, 0x08, 0x0a})
    void controlFramesCannotBeFragments(int first) throws Exception {
        socket.frame(first, new byte[0]);
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x83, 0x87, 0x8b, 0x8f, 0xc2, 0xa1, 0x91})
    void reservedBitsAndOpcodesAreViolations(int first) throws Exception {
        socket.frame(first, new byte[0]);
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    // ---- UTF-8 ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"", "κόσμε", "\u0000", "\u007f\u0080\u07ff\u0800\uffff", "👋🏽", "\ufffd\ufeff"})
    void textThatIsUtf8ComesBack(String text) throws Exception {
        socket.text(text);
        assertThat(socket.read().text()).isEqualTo(text);
    }

    @Test
    void aCharacterMayBeSplitBetweenFragments() throws Exception {
        byte[] bytes = utf8("κόσμε👋");
        for (int i = 0; i < bytes.length; i++) {
            socket.frame(i == 0 ? TEXT : CONTINUATION, new byte[] {bytes[i]});
        }
        socket.frame(FIN | CONTINUATION, new byte[0]);
        assertThat(socket.read().text()).isEqualTo("κόσμε👋");
    }

    /** Lonely continuations, cut sequences, overlong forms, surrogates, and what is above the last character. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c0",
                "c3",
                "e280",
                "f09f91",
                "c080",
                "c1bf",
                "e08080",
                "f0808080",
                "eda080",
                "edbfbf",
                "f4908080",
                "f8888080",
                "fe",
                "ff",
                "cebae1bdb9cf83cebcceb5eda080656469746564"
            })
    void textThatIsNot(String hex) throws Exception {
        socket.frame(FIN | TEXT, HEX.parseHex(hex));
        assertThat(socket.awaitClose()).isEqualTo(1007);
    }

    @Test
    void anythingComesBackAsItWas() throws Exception {
        RandomGenerator random = new java.util.Random(6455);
        for (int length : new int[] {0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000}) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            socket.frame(FIN | 2, bytes);
            assertThat(socket.read().payload()).isEqualTo(bytes);
        }
    }

    // ---- closing --------------------------------------------------------------------------------------------------

    @Test
    void aCloseWithoutCodeIsAnsweredWithOne() throws Exception {
        socket.frame(CLOSE, new byte[0]);
        assertThat(socket.awaitClose()).isEqualTo(1005);
        assertThat(socket.ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void aCodeThatMayBeSentIsSentBack(int code) throws Exception {
        socket.frame(CLOSE, close(code, utf8("grüße")));
        assertThat(socket.awaitClose()).isEqualTo(code);
        assertThat(socket.ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    void aCodeThatMayNotBeSentIsAViolation(int code) throws Exception {
        socket.frame(CLOSE, close(code, new byte[0]));
        assertThat(socket.awaitClose()).isEqualTo(1002);
        assertThat(socket.ended()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1,1002", "126,1002"})
    void aCloseOfAnImpossibleLengthIsAViolation(int length, int answer) throws Exception {
        byte[] payload = new byte[length];
        if (length > 1) {
            payload[0] = 3;
            payload[1] = (byte) 0xe8;
        }
        socket.frame(CLOSE, payload);
        assertThat(socket.awaitClose()).isEqualTo(answer);
    }

    @Test
    void aReasonThatIsNoUtf8IsAnInvalidPayload() throws Exception {
        socket.frame(CLOSE, close(1000, HEX.parseHex("cebae1bdb9cf83cebcceb5eda080656469746564")));
        assertThat(socket.awaitClose()).isEqualTo(1007);
    }

    @Test
    void theLongestReasonIsSentBack() throws Exception {
        socket.frame(CLOSE, close(1000, utf8("x".repeat(123))));
        RawSocket.Frame answer = socket.read();
        assertThat(answer.opcode()).isEqualTo(8);
        assertThat(answer.closeCode()).isEqualTo(1000);
    }

    @Test
    void whatComesBehindACloseIsNotRead() throws Exception {
        socket.text("before");
        socket.frame(CLOSE, close(1000, new byte[0]));
        socket.text("behind");
        socket.frame(PING, new byte[0]);
        assertThat(socket.read().text()).isEqualTo("before");
        RawSocket.Frame answer = socket.read();
        assertThat(answer.opcode()).isEqualTo(8);
        assertThat(socket.ended()).isTrue();
    }

    private static byte[] close(int code, byte[] reason) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(code >>> 8);
        out.write(code);
        out.writeBytes(reason);
        return out.toByteArray();
    }
}
