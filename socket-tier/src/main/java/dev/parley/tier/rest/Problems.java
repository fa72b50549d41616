package dev.parley.tier.rest;

import dev.parley.connect.ServerAwayException;
import dev.parley.tier.auth.AccessTokens;
import dev.parley.tier.auth.Passwords;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import io.micronaut.json.JsonSyntaxException;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.authentication.AuthorizationException;
import io.micronaut.security.authentication.DefaultAuthorizationExceptionHandler;
import io.micronaut.security.rules.SecurityRule;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every error of the REST API becomes a {@link Problem}, whoever noticed it; nothing of our insides leaves. */
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final long AWAY_RETRY_MS = 2_000;

    private Problems() {}

    /** What was refused on purpose, and what went wrong in our own code. */
    @Controller
    @Secured(SecurityRule.IS_ANONYMOUS)
    static class OfHandlers {

        @Error(global = true, exception = RefusedException.class)
        HttpResponse<Problem> refused(RefusedException refused) {
            return Problem.response(refused.fault());
        }

        @Error(global = true, exception = ServerAwayException.class)
        HttpResponse<Problem> away(ServerAwayException away) {
            // Going away and coming back are in the log already, once; a line per request would bury them.
            LOG.debug("refused a request: {}", away.getMessage());
            return Problem.response(Fault.retryAfter(ErrorCode.UNAVAILABLE, AWAY_RETRY_MS));
        }

        @Error(global = true, exception = Passwords.BusyException.class)
        HttpResponse<Problem> busy(Passwords.BusyException busy) {
            return Problem.response(Fault.retryAfter(ErrorCode.RATE_LIMITED, AWAY_RETRY_MS));
        }

        @Error(global = true, exception = CompletionException.class)
        HttpResponse<Problem> wrapped(HttpRequest<?> request, CompletionException failure) {
            return switch (failure.getCause()) {
                case RefusedException refused -> refused(refused);
                case ServerAwayException away -> away(away);
                case null, default -> {
                    LOG.error("{} {} failed", request.getMethod(), request.getPath(), failure);
                    yield Problem.response(Fault.of(ErrorCode.INTERNAL));
                }
            };
        }
    }

    /** Missing and refused tokens. */
    @Singleton
    @Replaces(DefaultAuthorizationExceptionHandler.class)
    static class OfSecurity implements ExceptionHandler<AuthorizationException, MutableHttpResponse<?>> {

        private final AccessTokens tokens;

        OfSecurity(AccessTokens tokens) {
            this.tokens = tokens;
        }

        @Override
        @SuppressWarnings("rawtypes") // as the framework declares it
        public MutableHttpResponse<?> handle(HttpRequest request, AuthorizationException exception) {
            if (exception.isForbidden()) {
                return Problem.response(Fault.of(ErrorCode.FORBIDDEN));
            }
            String bearer =
                    ((HttpRequest<?>) request).getHeaders().getAuthorization().orElse("");
            ErrorCode code = ErrorCode.UNAUTHENTICATED;
            if (bearer.startsWith("Bearer ")) {
                // A token that is good by itself was refused because its user does not exist.
                code = tokens.verify(bearer.substring(7)) instanceof AccessTokens.Verdict.Rejected rejected
                        ? rejected.code()
                        : ErrorCode.TOKEN_INVALID;
            }
            return Problem.response(Fault.of(code)).header("WWW-Authenticate", "Bearer");
        }
    }

    /** What the framework itself refuses: unreadable bodies, unknown paths, wrong methods. */
    @Singleton
    static class OfFramework implements ErrorResponseProcessor<Problem> {

        @Override
        public MutableHttpResponse<Problem> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
            int status = response.code();
            Throwable cause = context.getRootCause().orElse(null);
            ErrorCode code = switch (status) {
                case 400 -> cause instanceof JsonSyntaxException ? ErrorCode.MALFORMED_JSON : ErrorCode.VALIDATION;
                case 401 -> ErrorCode.UNAUTHENTICATED;
                case 403 -> ErrorCode.FORBIDDEN;
                case 404 -> ErrorCode.NOT_FOUND;
                case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
                case 413 -> ErrorCode.PAYLOAD_TOO_LARGE;
                case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
                default -> status >= 500 ? ErrorCode.INTERNAL : ErrorCode.VALIDATION;
            };
            // What converters and parsers say quotes our types; only which argument it was is of use to a caller.
            String detail = code == ErrorCode.VALIDATION
                    ? context.getErrors().stream()
                            .flatMap(error -> error.getPath().stream())
                            .map(path -> "'" + path.replaceFirst("^/", "") + "' is missing or of the wrong type.")
                            .findFirst()
                            .orElse(code.description())
                    : code.description();
            if (status >= 500) {
                LOG.error(
                        "{} {} failed",
                        context.getRequest().getMethod(),
                        context.getRequest().getPath(),
                        context.getRootCause().orElse(null));
            }
            Fault fault = Fault.of(code, detail);
            return response.status(code.httpStatus())
                    .contentType(MediaType.of("application/problem+json"))
                    .body(Problem.of(fault));
        }
    }
}
