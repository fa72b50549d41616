package dev.parley.tier.edge;

import dev.parley.wire.EngineIo;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import org.jspecify.annotations.Nullable;

/** Refuses what is not an Engine.IO 4 handshake over WebSocket, before the upgrade, in the protocol's own words. */
@ServerFilter("/socket.io/**")
final class SocketIoHandshake {

    @RequestFilter
    @Nullable
    HttpResponse<?> check(HttpRequest<?> request) {
        if (!request.getParameters().getFirst("EIO").orElse("").equals(Integer.toString(EngineIo.PROTOCOL))) {
            return refuse(EngineIo.unsupportedVersion());
        }
        if (!request.getParameters().getFirst("transport").orElse("").equals("websocket")) {
            return refuse(EngineIo.transportUnknown());
        }
        boolean upgrade = "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeaders.UPGRADE));
        return upgrade ? null : refuse(EngineIo.badRequest());
    }

    private static HttpResponse<?> refuse(String json) {
        return HttpResponse.badRequest(json).contentType(MediaType.APPLICATION_JSON_TYPE);
    }
}
