package dev.parley.conformance;

import dev.parley.tier.edge.EngineIoHttp;
import dev.parley.tier.edge.socketio.Namespace;
import dev.parley.tier.edge.socketio.Socket;
import dev.parley.tier.edge.socketio.SocketIoConnection;
import dev.parley.tier.frame.Transport;
import dev.parley.wire.CloseCode;
import dev.parley.wire.Json;
import dev.parley.wire.SocketIo.Packet.Event;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Socket.IO with the namespaces "/" and "/custom": tells whoever connects what it came with ({@code auth}), sends back
 * {@code message} as {@code message-back}, acknowledges {@code message-with-ack} with its arguments, and answers
 * {@code ask-me} with a question {@code question} whose acknowledgement it sends as {@code answered}, or {@code unanswered}
 * when none comes within a second.
 */
final class SocketIoEcho {

    private static final Json JSON = Json.standalone();
    private static final long QUESTION_MS = 1_000;
    private static final long AUTH_MS = 20;

    private SocketIoEcho() {}

    @Singleton
    @Requires(property = ConformanceServer.ENABLED)
    static final class Server extends EchoServer {

        Server(EchoSettings given) {
            super(given, (session, loop, settings) -> {
                SocketIoConnection connection =
                        new SocketIoConnection(session, new Echo(session, loop), loop, settings.maxPayload());
                connection.expectConnect(given.connectTimeout());
                session.open(connection, settings);
            });
        }
    }

    @ServerFilter("/socket.io/**")
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

        @Get("/socket.io/")
        HttpResponse<?> open(HttpRequest<?> request) {
            return server.webSocket(request);
        }
    }

    private record Echo(Transport transport, ScheduledExecutorService loop) implements Namespace {

        @Override
        public boolean exists(String name) {
            return name.equals("/") || name.equals("/custom");
        }

        @Override
        public void connect(Socket socket, @Nullable JsonNode payload) {
            socket.accept(UUID.randomUUID().toString());
            JsonNode given = payload == null ? JsonNode.createObjectNode(Map.of()) : payload;
            // Apart from the CONNECT, because the suite listens for one message after the other.
            var _ = loop.schedule(
                    () -> socket.emit(array("auth", List.of(given)), List.of()), AUTH_MS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void event(Socket socket, Event event, List<byte[]> attachments) {
            switch (event.name()) {
                case "message" -> socket.emit(array("message-back", event.arguments()), attachments);
                case "message-with-ack" -> {
                    Long id = event.ackId();
                    if (id != null) {
                        socket.acknowledge(id, JSON.bytes(JsonNode.createArrayNode(event.arguments())), attachments);
                    }
                }
                case "ask-me" -> {
                    var _ = socket.ask(array("question", event.arguments()), attachments, QUESTION_MS)
                            .whenComplete((answer, failure) -> {
                                if (failure == null) {
                                    socket.emit(array("answered", answer.arguments()), answer.attachments());
                                } else {
                                    socket.emit(array("unanswered", List.of()), List.of());
                                }
                            });
                }
                default -> {} // nobody listens
            }
        }

        private static byte[] array(String name, List<JsonNode> arguments) {
            List<JsonNode> items = new ArrayList<>();
            items.add(JsonNode.createStringNode(name));
            items.addAll(arguments);
            return JSON.bytes(JsonNode.createArrayNode(items));
        }

        @Override
        public void disconnected(Socket socket) {}

        @Override
        public void closeWhenDone(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void close(CloseCode why) {
            transport.close(why);
        }

        @Override
        public void ended() {}
    }
}
