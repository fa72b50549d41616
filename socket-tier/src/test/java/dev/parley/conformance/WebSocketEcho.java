package dev.parley.conformance;

import dev.parley.tier.edge.Takeover;
import dev.parley.tier.edge.WebSocketHandshake;
import dev.parley.tier.frame.ConnectionSettings;
import dev.parley.tier.frame.Dialect;
import dev.parley.tier.frame.Transport;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Sends every message back, for suites that test WebSocket alone. */
@Controller
@Requires(property = ConformanceServer.ENABLED)
class WebSocketEcho {

    private final ConnectionSettings settings;

    WebSocketEcho(EchoSettings given) {
        this.settings = new ConnectionSettings(
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                given.echoPayload(),
                4 * given.echoPayload(),
                code -> {});
    }

    @Get("/echo")
    HttpResponse<?> open(HttpRequest<?> request) {
        return WebSocketHandshake.answer(
                request, settings, channel -> Takeover.take(channel, channel.eventLoop(), settings, Echo::new));
    }

    private record Echo(Transport transport) implements Dialect {

        @Override
        public void text(String text) {
            transport.write(WireFormat.textFrame(text.getBytes(StandardCharsets.UTF_8)), false);
        }

        @Override
        public void binary(byte[] data) {
            transport.writeBinary(data);
        }

        @Override
        public void ping() {
            transport.ping();
        }

        @Override
        public void violated(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void failed(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void ended() {}
    }
}
