package dev.parley.tier.rest;

import dev.parley.id.UserId;
import io.micronaut.core.bind.ArgumentBinder;
import io.micronaut.core.convert.ArgumentConversionContext;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.bind.binders.TypedRequestArgumentBinder;
import jakarta.inject.Singleton;
import java.security.Principal;
import java.util.Optional;

/**
 * The authenticated user, as an argument of a controller method.
 *
 * @param id from the {@code sub} of the access token
 */
record Caller(UserId id) {

    @Singleton
    static final class Binder implements TypedRequestArgumentBinder<Caller> {

        @Override
        public Argument<Caller> argumentType() {
            return Argument.of(Caller.class);
        }

        @Override
        public ArgumentBinder.BindingResult<Caller> bind(
                ArgumentConversionContext<Caller> context, HttpRequest<?> request) {
            Optional<Caller> caller = request.getUserPrincipal()
                    .map(Principal::getName)
                    .flatMap(UserId::parse)
                    .map(Caller::new);
            return () -> caller;
        }
    }
}
