package dev.parley.tier.auth;

import dev.parley.tier.Blocking;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.jwt.validator.ReactiveJsonWebTokenValidator;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** Lets Micronaut's security filter judge bearer tokens exactly as the edge does. */
@Singleton
@Replaces(ReactiveJsonWebTokenValidator.class)
final class BearerTokens implements TokenValidator<HttpRequest<?>> {

    private final AccessTokens tokens;
    private final KnownUsers users;
    private final Blocking blocking;

    BearerTokens(AccessTokens tokens, KnownUsers users, Blocking blocking) {
        this.tokens = tokens;
        this.users = users;
        this.blocking = blocking;
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        return switch (tokens.verify(token)) {
            case AccessTokens.Verdict.Valid valid ->
                Mono.fromCompletionStage(blocking.call(() -> users.exists(valid.user())))
                        .filter(exists -> exists)
                        .map(exists -> Authentication.build(valid.user().value()));
            case AccessTokens.Verdict.Rejected rejected -> Mono.empty();
        };
    }
}
