package dev.parley.tier.auth;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.jwt.validator.ReactiveJsonWebTokenValidator;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Lets Micronaut's security filter judge the bearer tokens of REST calls exactly as the edge does those of connections.
 * About a WebSocket handshake it has no opinion: the edge asks itself, and the handshake must go on on the channel's
 * event loop, because the framework changes the pipeline on the thread on which the last filter ended.
 */
@Singleton
@Replaces(ReactiveJsonWebTokenValidator.class)
final class BearerTokens implements TokenValidator<HttpRequest<?>> {

    private final AccessTokens tokens;
    private final KnownUsers users;

    BearerTokens(AccessTokens tokens, KnownUsers users) {
        this.tokens = tokens;
        this.users = users;
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        if (request != null && "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeaders.UPGRADE))) {
            return Mono.empty();
        }
        return switch (tokens.verify(token)) {
            case AccessTokens.Verdict.Valid valid ->
                Mono.fromFuture(users.exists(valid.user()).toCompletableFuture())
                        .filter(exists -> exists)
                        .map(exists -> Authentication.build(valid.user().value()));
            case AccessTokens.Verdict.Rejected rejected -> Mono.empty();
        };
    }
}
