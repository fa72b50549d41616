package dev.parley.bench.load.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.PlainJson;
import dev.parley.wire.SocketIo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the generator makes of the very frames that the tier writes. */
class CodecTest {

    private static final byte[] DATA = Scan.ascii("{\"seq\":7}");

    private final List<String> heard = new ArrayList<>();

    private final Inbound inbound = new Inbound() {
        @Override
        public void authenticated() {
            heard.add("authenticated");
        }

        @Override
        public void refused(byte[] frame, int length) {
            heard.add("refused");
        }

        @Override
        public void answered(long id, boolean ok, byte[] frame, int length) {
            heard.add("answered " + id + " " + ok);
        }

        @Override
        public void message(byte[] frame, int from, int length) {
            heard.add("message " + (Scan.find(frame, from, length, DATA) > 0));
        }

        @Override
        public void presence(byte[] frame, int from, int length) {
            heard.add("presence " + (Scan.find(frame, from, length, DATA) > 0));
        }

        @Override
        public void event(String name) {
            heard.add("event " + name);
        }

        @Override
        public void reply(byte[] frame) {
            heard.add("reply " + new String(frame, StandardCharsets.UTF_8));
        }
    };

    private void read(Codec codec, byte[]... frames) {
        for (byte[] frame : frames) {
            codec.read(frame, frame.length, "TOKEN", inbound);
        }
    }

    @Test
    void plainFramesAreTold() {
        read(
                new PlainCodec(),
                PlainJson.event("connected", DATA),
                PlainJson.event("new-message", DATA),
                PlainJson.event("user-typing", DATA),
                PlainJson.event("error", DATA),
                PlainJson.ok(12, DATA),
                PlainJson.refused(13, DATA));

        assertThat(heard)
                .containsExactly(
                        "authenticated",
                        "message true",
                        "event user-typing",
                        "refused",
                        "answered 12 true",
                        "answered 13 false");
    }

    @Test
    void socketIoFramesAreTold() {
        read(
                new SocketIoCodec(),
                Scan.ascii("0{\"sid\":\"x\"}"),
                Scan.ascii("2"),
                SocketIo.connected("/", "x"),
                SocketIo.event("new-message", DATA),
                SocketIo.event("user-typing", DATA),
                SocketIo.connectError("/", DATA),
                SocketIo.ok(12, DATA),
                SocketIo.refused(13, DATA));

        assertThat(heard)
                .containsExactly(
                        "reply 40{\"token\":\"TOKEN\"}",
                        "reply 3",
                        "authenticated",
                        "message true",
                        "event user-typing",
                        "refused",
                        "answered 12 true",
                        "answered 13 false");
    }
}
