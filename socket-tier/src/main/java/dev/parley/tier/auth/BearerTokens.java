package dev.parley.tier.auth;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.jwt.validator.JwtTokenValidator;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** Lets Micronaut's security filter judge bearer tokens exactly as the edge does. */
@Singleton
@Replaces(JwtTokenValidator.class)
final class BearerTokens implements TokenValidator<HttpRequest<?>> {

    private final AccessTokens tokens;

    BearerTokens(AccessTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        return switch (tokens.verify(token)) {
            case AccessTokens.Verdict.Valid valid ->
                Mono.just(Authentication.build(valid.user().value()));
            case AccessTokens.Verdict.Rejected rejected -> Mono.empty();
        };
    }
}
