package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineIoTest {

    @Test
    void readsTheSampleBodyOfTheProtocol() {
        List<EngineIo.Packet> packets =
                EngineIo.readBody("4hello\u001e2\u001ebAQIDBA==").orElseThrow();

        assertThat(packets.subList(0, 2))
                .containsExactly(new EngineIo.Packet.Text("4hello"), new EngineIo.Packet.Text("2"));
        assertThat(((EngineIo.Packet.Binary) packets.get(2)).data()).containsExactly(1, 2, 3, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "7", "4a\u001e", "\u001e4a", "4a\u001e\u001e4b", "b*", "bA", "4a\u001ex"})
    void aBodyWithAnythingElseIsNone(String body) {
        assertThat(EngineIo.readBody(body)).isEmpty();
    }

    @Test
    void writesBinaryForABody() {
        assertThat(new String(EngineIo.base64(new byte[] {1, 2, 3, 4}), StandardCharsets.US_ASCII))
                .isEqualTo("bAQIDBA==");
    }

    @Test
    void saysWhatASessionMayUpgradeTo() {
        assertThat(new String(EngineIo.open("s", true, 1, 2, 3), StandardCharsets.US_ASCII))
                .isEqualTo(
                        "0{\"sid\":\"s\",\"upgrades\":[\"websocket\"],\"pingInterval\":1,\"pingTimeout\":2,\"maxPayload\":3}");
    }
}
