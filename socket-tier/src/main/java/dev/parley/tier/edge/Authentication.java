package dev.parley.tier.edge;

import dev.parley.tier.auth.AccessTokens;
import dev.parley.tier.auth.KnownUsers;
import dev.parley.wire.ErrorCode;
import dev.parley.wire.Fault;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Checks the token of a connection: its signature and claims, and that the user exists. Thread-safe. */
@Singleton
final class Authentication {

    sealed interface Verdict {
        record Accepted(Session session) implements Verdict {}

        record Refused(Fault fault) implements Verdict {}
    }

    private final AccessTokens tokens;
    private final KnownUsers users;

    Authentication(AccessTokens tokens, KnownUsers users) {
        this.tokens = tokens;
        this.users = users;
    }

    CompletionStage<Verdict> check(String token) {
        return switch (tokens.verify(token)) {
            case AccessTokens.Verdict.Rejected rejected ->
                CompletableFuture.completedStage(new Verdict.Refused(Fault.of(rejected.code())));
            case AccessTokens.Verdict.Valid valid ->
                users.exists(valid.user())
                        .thenApply(exists -> exists
                                ? new Verdict.Accepted(new Session(
                                        valid.user(), valid.expiresAt().toEpochMilli()))
                                : new Verdict.Refused(Fault.of(ErrorCode.TOKEN_INVALID)));
        };
    }
}
