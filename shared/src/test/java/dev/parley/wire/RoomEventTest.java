package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.id.MessageId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoomEventTest {

    @Test
    void comesBackAsItWasSent() {
        RoomEvent event =
                new RoomEvent("new-message", 9007199254740991L, "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));

        RoomEvent read = RoomEvent.decode(event.encode()).orElseThrow();
        assertThat(read.name()).isEqualTo("new-message");
        assertThat(read.seq()).isEqualTo(9007199254740991L);
        assertThat(new String(read.json(), StandardCharsets.UTF_8)).isEqualTo("{\"a\": 1}");
    }

    @Test
    void saysWhetherItIsInOrderAndAboutWhichMessage() {
        byte[] json = ("{\"messageId\":\"" + "d".repeat(24) + "\",\"x\":1}").getBytes(StandardCharsets.UTF_8);
        RoomEvent late = RoomEvent.decode(new RoomEvent(RoomEvent.NEW_MESSAGE, 7, false, json).encode())
                .orElseThrow();

        assertThat(late.inOrder()).isFalse();
        assertThat(late.seq()).isEqualTo(7);
        assertThat(late.messageId()).contains(new MessageId("d".repeat(24)));
        assertThat(new RoomEvent("x", 1, new byte[] {'{', '}'}).messageId()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "x 1", "x y {}", "x -1 {}", "x ~ {}", "x ~~1 {}", "x 99999999999999999999 {}"})
    void whatIsNoneIsNotRead(String text) {
        assertThat(RoomEvent.decode(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }
}
