package dev.parley.tier.edge;

import dev.parley.wire.Limits;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.websocket.annotation.OnMessage;
import io.micronaut.websocket.annotation.OnOpen;
import io.micronaut.websocket.annotation.ServerWebSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come in. A token may come with the handshake but need not, so the routes are open; what a connection
 * may do is decided by {@link Requests}.
 */
final class Endpoints {

    private Endpoints() {}

    @ServerWebSocket("/ws")
    @Secured(SecurityRule.IS_ANONYMOUS)
    static class Plain {

        private final Edge edge;

        Plain(Edge edge) {
            this.edge = edge;
        }

        @OnOpen
        void open(HttpRequest<?> request) {
            String token = token(request);
            Takeover.whenUpgraded(request, edge.engine().settings(), channel -> edge.openPlain(channel, token));
        }

        /** Never called: the channel is taken over before the first message. */
        @OnMessage(maxPayloadLength = Limits.FRAME_BYTES)
        void message(byte[] frame) {}
    }

    @ServerWebSocket("/socket.io/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    static class SocketIo {

        private final Edge edge;

        SocketIo(Edge edge) {
            this.edge = edge;
        }

        @OnOpen
        void open(HttpRequest<?> request) {
            String token = token(request);
            String sid = request.getParameters().getFirst("sid").orElse("");
            Takeover.whenUpgraded(request, edge.engine().settings(), channel -> {
                if (sid.isEmpty()) {
                    edge.openSocketIo(channel, token);
                } else {
                    edge.upgrade(channel, sid);
                }
            });
        }

        /** Never called: the channel is taken over before the first message. */
        @OnMessage(maxPayloadLength = Limits.FRAME_BYTES)
        void message(byte[] frame) {}
    }

    static @Nullable String token(HttpRequest<?> request) {
        Optional<String> bearer = request.getHeaders()
                .getAuthorization()
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).trim());
        return bearer.or(() -> request.getParameters().getFirst("token")).orElse(null);
    }
}
