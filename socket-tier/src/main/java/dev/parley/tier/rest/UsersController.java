package dev.parley.tier.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.wire.ErrorCode;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Profiles. */
@Controller("/api/users")
@Secured(SecurityRule.IS_AUTHENTICATED)
@ExecuteOn(TaskExecutors.BLOCKING)
final class UsersController {

    /** The caller's own profile. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Profile(
            UserId userId,
            String username,
            String displayName,
            @Nullable String email,
            boolean emailNotifications) {}

    /** What to change; what is absent stays. An empty e-mail address removes it. */
    @Serdeable
    record Change(
            @Nullable String displayName,
            @Nullable String email,
            @Nullable Boolean emailNotifications) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Found(List<People.Person> users) {}

    private final Accounts accounts;
    private final Calls calls;

    UsersController(Accounts accounts, Calls calls) {
        this.accounts = accounts;
        this.calls = calls;
    }

    @Get("/me")
    Profile me(Caller caller) {
        return profile(account(caller));
    }

    @Patch("/me")
    Profile change(Caller caller, @Body Change change) {
        Account account = account(caller);
        String email = account.email();
        if (change.email() != null) {
            email = change.email().isBlank() ? null : Emails.check(change.email());
        }
        return profile(accounts.update(new Account(
                account.id(),
                account.username(),
                change.displayName() == null
                        ? account.displayName()
                        : Calls.shown("displayName", change.displayName(), 64),
                account.passwordHash(),
                email,
                change.emailNotifications() == null ? account.emailNotifications() : change.emailNotifications(),
                account.createdAt())));
    }

    /** Users whose name begins with the query. */
    @Get
    Found search(Caller caller, @QueryValue String query, @QueryValue(defaultValue = "20") int limit) {
        calls.limit(Limit.SEARCHES_PER_USER, caller.id().value());
        String prefix = query.strip().toLowerCase(Locale.ROOT);
        if (!prefix.matches("[a-z0-9_.-]{1,32}")) {
            return new Found(List.of());
        }
        return new Found(accounts.startingWith(prefix, Calls.limit(limit, 50)).stream()
                .map(People::person)
                .toList());
    }

    private Account account(Caller caller) {
        return accounts.find(caller.id()).orElseThrow(() -> new RefusedException(ErrorCode.TOKEN_INVALID));
    }

    private static Profile profile(Account account) {
        return new Profile(
                account.userId(),
                account.username(),
                account.displayName(),
                account.email(),
                account.emailNotifications());
    }
}
