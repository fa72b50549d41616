package dev.parley.conformance;

import dev.parley.tier.edge.EngineIoHttp;
import dev.parley.tier.edge.Takeover;
import dev.parley.tier.edge.WebSocketHandshake;
import dev.parley.tier.edge.engineio.EngineIoServer;
import dev.parley.tier.edge.engineio.EngineIoSession;
import dev.parley.tier.frame.ConnectionSettings;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.netty.channel.EventLoop;
import java.util.List;

/** An Engine.IO server with an echo above it: what comes in over HTTP and over WebSocket. */
abstract class EchoServer {

    /** Begins the echo on a session that is about to be opened. */
    @FunctionalInterface
    interface Application {
        void open(EngineIoSession session, EventLoop loop, ConnectionSettings settings);
    }

    private final EngineIoServer engine;
    private final Application application;
    private final EngineIoHttp http;

    EchoServer(EchoSettings given, Application application) {
        this.engine = new EngineIoServer(new ConnectionSettings(
                given.pingInterval(), given.pingTimeout(), given.maxPayload(), 4 * given.maxPayload(), code -> {}));
        this.application = application;
        this.http = new EngineIoHttp(
                engine, (session, loop, handshake) -> application.open(session, loop, engine.settings()), List.of("*"));
    }

    EngineIoHttp http() {
        return http;
    }

    EngineIoServer engine() {
        return engine;
    }

    /** Accepts a WebSocket. */
    HttpResponse<?> webSocket(HttpRequest<?> request) {
        String sid = request.getParameters().getFirst("sid").orElse("");
        return WebSocketHandshake.answer(request, engine.settings(), channel -> {
            if (sid.isEmpty()) {
                EventLoop loop = channel.eventLoop();
                Takeover.take(channel, loop, engine.settings(), transport -> {
                    EngineIoSession session = engine.over(transport);
                    application.open(session, loop, engine.settings());
                    return session;
                });
            } else {
                EventLoop loop = engine.loopOf(sid).map(EventLoop.class::cast).orElseGet(channel::eventLoop);
                Takeover.take(channel, loop, engine.settings(), engine.upgradeOf(sid));
            }
        });
    }
}
