package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.queue.QueueEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden samples of everything that crosses the wire or a queue. A sample that no longer fits means that clients or
 * messages already in a queue would no longer be understood: add fields, never change what is there.
 */
class GoldenTest {

    private static final Json JSON = Json.standalone();
    private static final ChatId CHAT = new ChatId("aaaaaaaaaaaaaaaaaaaaaaaa");
    private static final UserId ALICE = new UserId("bbbbbbbbbbbbbbbbbbbbbbbb");
    private static final UserId BOB = new UserId("cccccccccccccccccccccccc");
    private static final MessageId MESSAGE_ID = new MessageId("dddddddddddddddddddddddd");
    private static final String TIME = "2026-11-20T12:00:00.000Z";
    private static final ChatMessage MESSAGE = new ChatMessage(
            MESSAGE_ID, CHAT, 1795170000000001L, 1795170000000000L, ALICE, "c-1", "text", "Grüße \"quoted\"\n", TIME);

    private static Map<String, Object> samples() {
        Map<String, Object> samples = new LinkedHashMap<>();
        samples.put("new-message", MESSAGE);
        samples.put(
                "new-message-without-prev-seq",
                new ChatMessage(MESSAGE_ID, CHAT, 1L, null, ALICE, "c-1", "text", "x", TIME));
        samples.put("connected", new ServerEvent.Connected(ALICE, "conn", "tier-1", TIME, TIME, 25_000, 16_384));
        samples.put("message-retracted", new ServerEvent.MessageRetracted(MESSAGE_ID, CHAT, 7));
        samples.put("message-sent", new ServerEvent.MessageSent(MESSAGE_ID, CHAT, 7, "c-1", TIME));
        samples.put("user-typing", new ServerEvent.UserTyping(CHAT, ALICE, true));
        samples.put("presence", new ServerEvent.Presence(ALICE, "away", "Mittag \"außer Haus\"", null));
        samples.put("presence-offline", new ServerEvent.Presence(ALICE, "offline", null, TIME));
        samples.put("chat-created", new ServerEvent.ChatCreated(CHAT, "group", "Team", List.of(ALICE, BOB), ALICE));
        samples.put("resync", new ServerEvent.Resync(CHAT, 9));
        samples.put("server-maintenance", ServerEvent.ServerMaintenance.reconnectIn(4_200));
        samples.put("server-shutdown", new ServerEvent.ServerShutdown("A new version is being installed."));
        samples.put("error", new ServerEvent.Error(ErrorCode.RATE_LIMITED, "slow down", 1200L, "send-message"));
        samples.put("queue-message-posted", new QueueEvent.MessagePosted(MESSAGE, "direct"));
        samples.put(
                "queue-notification-requested",
                new QueueEvent.NotificationRequested(MESSAGE_ID, CHAT, ALICE, List.of(BOB), "text", "hi", TIME));
        samples.put("queue-email-requested", new QueueEvent.EmailRequested("id", "bob@example.org", "Hi", "Text"));
        samples.put("queue-message-to-index", new QueueEvent.MessageToIndex(MESSAGE));
        return samples;
    }

    static Stream<Map.Entry<String, Object>> everySample() {
        return samples().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("everySample")
    void isWrittenAndReadAsEver(Map.Entry<String, Object> sample) throws IOException {
        byte[] golden = golden(sample.getKey());

        assertThat(new String(JSON.bytes(sample.getValue()), StandardCharsets.UTF_8))
                .isEqualTo(new String(golden, StandardCharsets.UTF_8));
        assertThat(JSON.<Object>read(golden, type(sample.getValue()))).isEqualTo(sample.getValue());
    }

    @SuppressWarnings("unchecked") // the class of an object is a class of objects
    private static Class<Object> type(Object value) {
        return (Class<Object>) value.getClass();
    }

    @Test
    void everySealedSubtypeHasASample() {
        List<Class<?>> sampled =
                samples().values().stream().<Class<?>>map(Object::getClass).toList();

        assertThat(sampled).containsAll(Arrays.asList(ServerEvent.class.getPermittedSubclasses()));
        assertThat(sampled).containsAll(Arrays.asList(QueueEvent.class.getPermittedSubclasses()));
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream file = GoldenTest.class.getResourceAsStream("/golden/" + name + ".json")) {
            if (file == null) {
                throw new AssertionError("no golden sample " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
