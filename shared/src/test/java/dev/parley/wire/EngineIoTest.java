package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineIoTest {

    @Test
    void readsTheSampleBodyOfTheProtocol() {
        EngineIo.Body body = new EngineIo.Body("4hello\u001e2\u001ebAQIDBA==");

        assertThat(body.next()).contains(new EngineIo.Packet.Text("4hello"));
        assertThat(body.next()).contains(new EngineIo.Packet.Text("2"));
        assertThat(body.isDone()).isFalse();
        assertThat(((EngineIo.Packet.Binary) body.next().orElseThrow()).data()).containsExactly(1, 2, 3, 4);
        assertThat(body.isDone()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "7", "4a\u001e", "\u001e4a", "4a\u001e\u001e4b", "b*", "bA", "4a\u001ex"})
    void aBodyWithAnythingElseIsNone(String text) {
        EngineIo.Body body = new EngineIo.Body(text);
        List<Optional<EngineIo.Packet>> packets = new ArrayList<>();
        while (!body.isDone()) {
            packets.add(body.next());
        }

        assertThat(packets).contains(Optional.empty());
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
