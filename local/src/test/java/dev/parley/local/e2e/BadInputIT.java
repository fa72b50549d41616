package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.LocalParley;
import dev.parley.testing.RawSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a client sends, it gets the declared error or close code, and nothing else happens: messages around it, on the
 * same connection and on others, arrive as ever.
 */
class BadInputIT {

    private static final LocalParley PARLEY = Parleys.shared();
    private static final String FIRST = PARLEY.addresses().get(0);
    private static final String SECOND = PARLEY.addresses().get(1);
    private static final String CHAT = "0123456789abcdef01234567";

    private final Person alice = Person.registered(FIRST, "Alice");
    private final Person bob = Person.registered(SECOND, "Bob");
    private String chat = "";

    @BeforeEach
    void connect() {
        alice.connects();
        bob.connects();
        chat = alice.chatWith(bob);
        bob.joins(chat);
    }

    @AfterEach
    void leave() {
        alice.close();
        bob.close();
    }

    static Stream<Arguments> refusedRequests() {
        String long16k = "x".repeat(16 * 1024 + 1);
        return Stream.of(
                Arguments.of("dance", "{}", "UNKNOWN_EVENT"),
                Arguments.of("send-message", "[]", "VALIDATION"),
                Arguments.of("send-message", "null", "VALIDATION"),
                Arguments.of("send-message", "\"text\"", "VALIDATION"),
                Arguments.of("send-message", "{\"content\":\"x\"}", "VALIDATION"),
                Arguments.of("send-message", "{\"chatId\":5,\"content\":\"x\"}", "VALIDATION"),
                Arguments.of("send-message", "{\"chatId\":\"" + CHAT + "\",\"content\":5}", "VALIDATION"),
                Arguments.of("send-message", "{\"chatId\":\"" + CHAT + "\",\"content\":\" \"}", "VALIDATION"),
                Arguments.of("send-message", "{\"chatId\":\"" + CHAT + "\",\"content\":\"\\u0007\"}", "VALIDATION"),
                Arguments.of("send-message", "{\"chatId\":\"" + CHAT + "\",\"content\":\"\\ud800\"}", "VALIDATION"),
                Arguments.of(
                        "send-message",
                        "{\"chatId\":\"" + CHAT + "\",\"content\":\"x\",\"type\":\"system\"}",
                        "VALIDATION"),
                Arguments.of(
                        "send-message",
                        "{\"chatId\":\"" + CHAT + "\",\"content\":\"x\",\"clientMessageId\":\"a b\"}",
                        "VALIDATION"),
                Arguments.of(
                        "send-message",
                        "{\"chatId\":\"" + CHAT + "\",\"content\":\"" + long16k + "\"}",
                        "CONTENT_TOO_LONG"),
                Arguments.of("send-message", "{\"chatId\":\"nope\",\"content\":\"x\"}", "INVALID_ID"),
                Arguments.of("send-message", "{\"chatId\":\"" + CHAT + "\",\"content\":\"x\"}", "NOT_A_MEMBER"),
                Arguments.of("join-chats", "{\"chatIds\":[\"" + CHAT + "\"]}", "NOT_A_MEMBER"),
                Arguments.of("join-chats", "{\"chatIds\":[\"zz\"]}", "INVALID_ID"),
                Arguments.of("join-chats", "{\"chatIds\":[7]}", "VALIDATION"),
                Arguments.of("join-chats", "{}", "VALIDATION"),
                Arguments.of("join-chats", "{\"chatIds\":[],\"lastSeqs\":{\"" + CHAT + "\":1.5}}", "VALIDATION"),
                Arguments.of("typing", "{\"chatId\":\"" + CHAT + "\",\"isTyping\":\"yes\"}", "VALIDATION"),
                Arguments.of("typing", "{\"chatId\":\"" + CHAT + "\",\"isTyping\":true}", "NOT_A_MEMBER"),
                Arguments.of("refresh-token", "{\"token\":\"rubbish\"}", "TOKEN_INVALID"),
                Arguments.of("authenticate", "{\"token\":\"rubbish\"}", "VALIDATION"));
    }

    @ParameterizedTest
    @MethodSource("refusedRequests")
    void aBadRequestIsAnsweredAndCostsNothingElse(String event, String data, String code) {
        assertThat(alice.client().refusal(event, data)).isEqualTo(code);
        allIsWell();
    }

    static Stream<Arguments> refusedFrames() {
        return Stream.of(
                Arguments.of("{nope", "MALFORMED_JSON"),
                Arguments.of("", "MALFORMED_JSON"),
                Arguments.of("{} {}", "MALFORMED_JSON"),
                Arguments.of("[".repeat(100), "MALFORMED_JSON"),
                Arguments.of("[]", "MALFORMED_FRAME"),
                Arguments.of("7", "MALFORMED_FRAME"),
                Arguments.of("{\"event\":7}", "MALFORMED_FRAME"),
                Arguments.of("{\"id\":\"x\",\"event\":\"ping\"}", "MALFORMED_FRAME"),
                Arguments.of("{\"id\":1.5,\"event\":\"ping\"}", "MALFORMED_FRAME"),
                Arguments.of("{\"event\":\"dance\"}", "UNKNOWN_EVENT"));
    }

    @ParameterizedTest
    @MethodSource("refusedFrames")
    void aBadFrameIsToldAndCostsNothingElse(String frame, String code) {
        alice.client().sendText(frame);

        assertThat(Nodes.text(alice.client().awaitEvent("error"), "code")).isEqualTo(code);
        allIsWell();
    }

    @Test
    void binaryDataIsRefusedAndCostsNothingElse() {
        alice.client().sendBinary(new byte[] {1, 2, 3});

        assertThat(Nodes.text(alice.client().awaitEvent("error"), "code")).isEqualTo("BINARY_NOT_SUPPORTED");
        allIsWell();
    }

    /** The connection lives, and what it sends arrives. */
    private void allIsWell() {
        alice.sends(chat, "still here");
        bob.receives("still here");
        assertThat(alice.client().isOpen()).isTrue();
    }

    @Test
    void invalidUtf8EndsTheConnectionBehindTheAnswersThatAreDue() throws Exception {
        assertThat(violation(raw -> raw.frame(0x81, new byte[] {'"', (byte) 0xc3, (byte) 0x28, '"'})))
                .isEqualTo(1007);
    }

    @Test
    void anOversizedFrameEndsTheConnectionBehindTheAnswersThatAreDue() throws Exception {
        assertThat(violation(raw -> raw.announce(0x81, 1_000_001))).isEqualTo(1009);
    }

    @Test
    void anOversizedMessageInFragmentsEndsTheConnection() throws Exception {
        assertThat(violation(raw -> {
                    byte[] part = "x".repeat(400_000).getBytes(StandardCharsets.US_ASCII);
                    raw.frame(0x01, part);
                    raw.frame(0x00, part);
                    raw.frame(0x00, part);
                }))
                .isEqualTo(1009);
    }

    @Test
    void aReservedOpcodeEndsTheConnection() throws Exception {
        assertThat(violation(raw -> raw.frame(0x83, new byte[0]))).isEqualTo(1002);
    }

    @Test
    void aContinuationOfNothingEndsTheConnection() throws Exception {
        assertThat(violation(raw -> raw.frame(0x80, new byte[] {'x'}))).isEqualTo(1002);
    }

    @Test
    void compressedMessagesAreReadAndOnesThatGrowTooLargeEndTheConnection() throws Exception {
        try (RawSocket raw = RawSocket.openCompressed(FIRST + "/ws?token=" + alice.token())) {
            assertThat(raw.compresses()).isTrue();
            raw.awaitText("\"connected\"");
            raw.frame(0xc1, deflated("{\"id\":1,\"event\":\"ping\"}"));
            raw.awaitText("\"id\":1");
            raw.frame(0xc1, deflated("x".repeat(50_000_000)));
            assertThat(raw.awaitClose()).isEqualTo(1009);
        }
        allIsWell();
    }

    /** As permessage-deflate has it: raw deflate with a sync flush whose last four bytes are left out. */
    private static byte[] deflated(String text) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            deflater.setInput(bytes);
            byte[] out = new byte[bytes.length + 64];
            int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            return Arrays.copyOf(out, length - 4);
        }
    }

    @FunctionalInterface
    private interface Violation {
        void commit(RawSocket raw) throws IOException;
    }

    /** Sends a good message right before the violation; it must be acknowledged and arrive all the same. */
    private int violation(Violation violation) throws IOException {
        try (RawSocket raw = RawSocket.open(FIRST + "/ws?token=" + alice.token())) {
            raw.awaitText("\"connected\"");
            raw.text(
                    "{\"id\":1,\"event\":\"send-message\",\"data\":" + Person.message(chat, "just before", "jb") + "}");
            violation.commit(raw);
            assertThat(raw.awaitText("\"id\":1")).contains("\"ok\":true");
            int code = raw.awaitClose();
            assertThat(raw.ended()).isTrue();
            bob.receives("just before");
            allIsWell();
            return code;
        }
    }

    @Test
    void fragmentsArePutTogether() throws Exception {
        try (RawSocket raw = RawSocket.open(FIRST + "/ws?token=" + alice.token())) {
            raw.frame(0x01, "{\"id\":5,\"ev".getBytes(StandardCharsets.UTF_8));
            raw.frame(0x89, "ping between".getBytes(StandardCharsets.UTF_8));
            raw.frame(0x80, "ent\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
            assertThat(raw.awaitText("\"id\":5")).contains("serverTime");
        }
    }

    static Stream<Arguments> badTokens() throws Exception {
        String user = Person.registered(FIRST, "Tok").userId();
        return Stream.of(
                Arguments.of("rubbish", "TOKEN_INVALID", 4401),
                Arguments.of(Tokens.forged(PARLEY, user), "TOKEN_INVALID", 4401),
                Arguments.of(Tokens.unsigned(user), "TOKEN_INVALID", 4401),
                Arguments.of(Tokens.withoutExpiry(PARLEY, user), "TOKEN_INVALID", 4401),
                Arguments.of(Tokens.expired(PARLEY, user), "TOKEN_EXPIRED", 4403),
                Arguments.of(Tokens.valid(PARLEY, CHAT), "TOKEN_INVALID", 4401));
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void aBadTokenIsRefusedOnEveryWayIn(String token, String code, int closeCode) throws Exception {
        PlainClient inQuery = PlainClient.connect(FIRST + "/ws?token=" + token);
        assertThat(Nodes.text(inQuery.awaitEvent("error"), "code")).isEqualTo(code);
        assertThat(inQuery.awaitClose()).isEqualTo(closeCode);

        PlainClient inEvent = PlainClient.connect(FIRST + "/ws");
        assertThat(inEvent.refusal("authenticate", "{\"token\":\"" + token + "\"}"))
                .isEqualTo(code);
        assertThat(inEvent.awaitClose()).isEqualTo(closeCode);

        try (RawSocket socketIo = RawSocket.open(FIRST + "/socket.io/?EIO=4&transport=websocket")) {
            socketIo.awaitText("0{");
            socketIo.text("40{\"token\":\"" + token + "\"}");
            assertThat(socketIo.awaitText("44")).contains(code);
        }

        Rest.Answer rest = Rest.get(FIRST, "/api/chats", token);
        assertThat(rest.status()).isEqualTo(401);
        assertThat(rest.text("code")).isEqualTo(code);
    }

    @Test
    void aTokenMintedElsewhereWithTheSecretIsAccepted() throws Exception {
        PlainClient client = PlainClient.connect(FIRST + "/ws");
        client.ask("authenticate", "{\"token\":\"" + Tokens.valid(PARLEY, alice.userId()) + "\"}");

        assertThat(Nodes.text(client.awaitEvent("connected"), "userId")).isEqualTo(alice.userId());
        client.close();
    }

    @Test
    void withoutATokenNothingIsAllowed() {
        PlainClient client = PlainClient.connect(FIRST + "/ws");
        assertThat(client.refusal("send-message", Person.message(chat, "x", "x")))
                .isEqualTo("UNAUTHENTICATED");
        assertThat(client.refusal("join-chats", "{\"all\":true}")).isEqualTo("UNAUTHENTICATED");
        client.ask("authenticate", "{\"token\":\"" + alice.token() + "\"}");
        client.ask("join-chats", "{\"all\":true}");
        client.close();
    }

    @Test
    void anExpiringTokenIsRenewedInPlaceAndAnExpiredOneEndsTheConnection() throws Exception {
        PlainClient renewed = PlainClient.connect(FIRST + "/ws?token=" + Tokens.validFor(PARLEY, alice.userId(), 2));
        renewed.awaitEvent("connected");
        renewed.ask("refresh-token", "{\"token\":\"" + alice.token() + "\"}");
        assertThat(renewed.refusal("refresh-token", "{\"token\":\"" + bob.token() + "\"}"))
                .isEqualTo("TOKEN_INVALID");
        PlainClient expiring = PlainClient.connect(FIRST + "/ws?token=" + Tokens.validFor(PARLEY, alice.userId(), 2));
        assertThat(expiring.awaitClose()).isEqualTo(4403);
        renewed.ask("ping", "{}");
        renewed.close();
    }

    @Test
    void socketIoPacketsThatAreNoneEndTheConnection() throws Exception {
        for (String packet :
                new String[] {"9", "abc", "", "4", "4x", "42", "42{}", "42[5]", "2probe", "451-", "41/x"}) {
            try (RawSocket raw = RawSocket.open(FIRST + "/socket.io/?EIO=4&transport=websocket")) {
                raw.awaitText("0{");
                raw.text("40{\"token\":\"" + alice.token() + "\"}");
                raw.awaitText("40{");
                if (packet.equals("41/x")) {
                    raw.text("40/x,");
                    assertThat(raw.awaitText("44/x")).isEqualTo("44/x,{\"message\":\"Invalid namespace\"}");
                } else if (packet.equals("451-")) {
                    raw.text("451-[\"send-message\",{\"_placeholder\":true,\"num\":0}]");
                    raw.frame(0x82, new byte[] {1});
                    assertThat(raw.awaitText("\"error\"")).contains("BINARY_NOT_SUPPORTED");
                } else {
                    raw.text(packet);
                    assertThat(raw.awaitClose()).as(packet).isEqualTo(1002);
                }
            }
        }
        allIsWell();
    }

    @Test
    void whatIsNoHandshakeIsRefusedInTheWordsOfEngineIo() {
        assertThat(Rest.get(FIRST, "/socket.io/?EIO=4&transport=pigeon", null)
                        .raw()
                        .body())
                .isEqualTo("{\"code\":0,\"message\":\"Transport unknown\"}");
        assertThat(Rest.get(FIRST, "/socket.io/?EIO=3&transport=websocket", null)
                        .raw()
                        .body())
                .contains("Unsupported protocol version");
        assertThat(Rest.get(FIRST, "/socket.io/?EIO=4&transport=websocket", null)
                        .status())
                .isEqualTo(400);
    }

    static Stream<Arguments> badRest() {
        return Stream.of(
                Arguments.of("GET", "/api/chats/nope/messages", "", 400, "INVALID_ID"),
                Arguments.of("GET", "/api/chats/" + CHAT + "/messages", "", 403, "NOT_A_MEMBER"),
                Arguments.of("GET", "/api/chats/" + CHAT + "/members", "", 403, "NOT_A_MEMBER"),
                Arguments.of("GET", "/api/chats/" + CHAT, "", 403, "NOT_A_MEMBER"),
                Arguments.of("GET", "/api/chats?limit=0", "", 400, "VALIDATION"),
                Arguments.of("GET", "/api/chats?limit=x", "", 400, "VALIDATION"),
                Arguments.of("GET", "/api/chats?cursor=x", "", 400, "VALIDATION"),
                Arguments.of("GET", "/api/search?q=x&chatId=" + CHAT, "", 403, "NOT_A_MEMBER"),
                Arguments.of("GET", "/api/search", "", 400, "VALIDATION"),
                Arguments.of("GET", "/api/nothing", "", 404, "NOT_FOUND"),
                Arguments.of("POST", "/api/chats", "{", 400, "MALFORMED_JSON"),
                Arguments.of("GET", "/ws", "", 400, "VALIDATION"),
                Arguments.of("POST", "/api/chats", "[]", 400, "VALIDATION"),
                Arguments.of("POST", "/api/chats", "{\"type\":\"direct\"}", 400, "INVALID_ID"),
                Arguments.of(
                        "POST", "/api/chats", "{\"type\":\"direct\",\"userId\":\"" + CHAT + "\"}", 404, "NOT_FOUND"),
                Arguments.of("POST", "/api/chats", "{\"type\":\"club\"}", 400, "VALIDATION"),
                Arguments.of("POST", "/api/chats", "{\"type\":\"group\",\"name\":\" \"}", 400, "VALIDATION"),
                Arguments.of("POST", "/api/auth/register", "{\"username\":\"x\"}", 400, "VALIDATION"),
                Arguments.of(
                        "POST",
                        "/api/auth/register",
                        "{\"username\":\"goodname\",\"password\":\"short\",\"displayName\":\"x\"}",
                        400,
                        "VALIDATION"),
                Arguments.of(
                        "POST",
                        "/api/auth/login",
                        "{\"username\":\"nobody\",\"password\":\"x\"}",
                        401,
                        "BAD_CREDENTIALS"),
                Arguments.of("POST", "/api/auth/refresh", "{\"refreshToken\":\"x\"}", 401, "TOKEN_INVALID"),
                Arguments.of("DELETE", "/api/chats", "", 405, "METHOD_NOT_ALLOWED"));
    }

    @ParameterizedTest
    @MethodSource("badRest")
    void aBadRestCallIsAProblemWithAStableCode(String method, String path, String body, int status, String code) {
        Rest.Answer answer = Rest.call(method, FIRST, path, alice.token(), body);

        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(status);
        assertThat(answer.raw().headers().firstValue("content-type").orElse("")).startsWith("application/problem+json");
        assertThat(answer.text("code")).isEqualTo(code);
        assertThat(answer.raw().body()).doesNotContain("Exception", "dev.parley", "\tat ");
        allIsWell();
    }
}
