package dev.parley.tier.edge;

import dev.parley.tier.rest.RefusedException;
import dev.parley.wire.ErrorCode;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;

/** Tells who comes to {@code /ws} with plain HTTP what it is for. */
@ServerFilter("/ws")
final class PlainHandshake {

    @RequestFilter
    void check(HttpRequest<?> request) {
        if (!"websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeaders.UPGRADE))) {
            throw new RefusedException(ErrorCode.VALIDATION, "This address speaks WebSocket: ask for an upgrade.");
        }
    }
}
