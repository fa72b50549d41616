package dev.parley.conformance;

import dev.parley.tier.edge.EngineIoHttp;
import dev.parley.tier.edge.engineio.EngineIoSession;
import dev.parley.tier.frame.WireFormat;
import dev.parley.wire.CloseCode;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Engine.IO alone: sends every message back. */
final class EngineIoEcho {

    private EngineIoEcho() {}

    @Singleton
    @Requires(property = ConformanceServer.ENABLED)
    static final class Server extends EchoServer {

        Server(EchoSettings given) {
            super(given, (session, loop, settings) -> session.open(new Echo(session), settings));
        }
    }

    @ServerFilter("/engine.io/**")
    @Requires(property = ConformanceServer.ENABLED)
    static final class Http {

        private final EngineIoHttp http;

        Http(Server server) {
            this.http = server.http();
        }

        @RequestFilter
        @Nullable
        CompletionStage<@Nullable HttpResponse<?>> answer(HttpRequest<?> request) {
            return http.answer(request);
        }
    }

    @Controller
    @Requires(property = ConformanceServer.ENABLED)
    static class WebSocket {

        private final Server server;

        WebSocket(Server server) {
            this.server = server;
        }

        @Get("/engine.io/")
        HttpResponse<?> open(HttpRequest<?> request) {
            return server.webSocket(request);
        }
    }

    private record Echo(EngineIoSession session) implements EngineIoSession.Listener {

        @Override
        public void message(String packet) {
            session.write(WireFormat.textFrame(packet.getBytes(StandardCharsets.UTF_8)), false);
        }

        @Override
        public void binaryMessage(byte[] data) {
            session.writeBinary(data);
        }

        @Override
        public void closeWhenDone(CloseCode why) {
            session.close(why);
        }

        @Override
        public void close(CloseCode why) {
            session.close(why);
        }

        @Override
        public void ended() {}
    }
}
