package dev.parley.tier.edge;

import dev.parley.tier.TierSettings;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of {@code /socket.io/}. A filter, so that it stands before the handshake's route of the same path and
 * answers every method.
 */
@ServerFilter("/socket.io/**")
final class SocketIoEndpoint {

    private final EngineIoHttp http;

    SocketIoEndpoint(Edge edge, TierSettings settings) {
        this.http = new EngineIoHttp(
                edge.engine(),
                (session, loop, handshake) -> edge.open(session, loop, Endpoints.token(handshake)),
                settings.pollingOrigins());
    }

    @RequestFilter
    @Nullable
    CompletionStage<@Nullable HttpResponse<?>> answer(HttpRequest<?> request) {
        return http.answer(request);
    }
}
