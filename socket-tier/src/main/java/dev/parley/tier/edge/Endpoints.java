package dev.parley.tier.edge;

import dev.parley.tier.rest.RefusedException;
import dev.parley.wire.ErrorCode;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come in. A token may come with the handshake but need not, so the routes are open; what a connection
 * may do is decided by {@link Requests}.
 */
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
final class Endpoints {

    private final Edge edge;

    Endpoints(Edge edge) {
        this.edge = edge;
    }

    /** WebSocket with plain JSON; tells who comes with plain HTTP what it is for. */
    @Get(AdmissionHandler.PLAIN_PATH)
    HttpResponse<?> plain(HttpRequest<?> request) {
        String flaw = WebSocketHandshake.flaw(request);
        if (flaw != null) {
            throw new RefusedException(ErrorCode.VALIDATION, flaw);
        }
        String token = token(request);
        return WebSocketHandshake.answerFlawless(
                request, edge.engine().settings(), channel -> edge.openPlain(channel, token));
    }

    /** WebSocket with Socket.IO, from the start or for a session that polls; {@link SocketIoEndpoint} stands before it. */
    @Get(AdmissionHandler.SOCKET_IO_PATH)
    HttpResponse<?> socketIo(HttpRequest<?> request) {
        String token = token(request);
        String sid = request.getParameters().getFirst("sid").orElse("");
        return WebSocketHandshake.answer(request, edge.engine().settings(), channel -> {
            if (sid.isEmpty()) {
                edge.openSocketIo(channel, token);
            } else {
                edge.upgrade(channel, sid);
            }
        });
    }

    static @Nullable String token(HttpRequest<?> request) {
        Optional<String> bearer = request.getHeaders()
                .getAuthorization()
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).trim());
        return bearer.or(() -> request.getParameters().getFirst("token")).orElse(null);
    }
}
