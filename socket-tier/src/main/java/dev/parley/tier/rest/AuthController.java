package dev.parley.tier.rest;

import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.mongo.RefreshTokens;
import dev.parley.tier.TierSettings;
import dev.parley.tier.auth.AccessTokens;
import dev.parley.tier.auth.Passwords;
import dev.parley.tier.limit.RateLimits.Limit;
import dev.parley.wire.ErrorCode;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Accounts and tokens. */
@Controller("/api/auth")
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
final class AuthController {

    private static final Pattern USERNAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{2,31}");
    private static final int REFRESH_TOKEN_BYTES = 32;
    private static final int MAX_REFRESH_TOKEN = 100;

    @Serdeable
    record Registration(
            @Nullable String username,
            @Nullable String password,
            @Nullable String displayName,
            @Nullable String email,
            @Nullable Boolean emailNotifications) {}

    @Serdeable
    record Credentials(@Nullable String username, @Nullable String password) {}

    @Serdeable
    record Refresh(@Nullable String refreshToken) {}

    /** Tokens of a user; {@code expiresIn} is the access token's life in seconds. */
    @Serdeable
    record Tokens(UserId userId, String accessToken, String refreshToken, long expiresIn) {}

    private final Accounts accounts;
    private final Passwords passwords;
    private final AccessTokens accessTokens;
    private final RefreshTokens refreshTokens;
    private final TierSettings settings;
    private final Calls calls;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    AuthController(
            Accounts accounts,
            Passwords passwords,
            AccessTokens accessTokens,
            RefreshTokens refreshTokens,
            TierSettings settings,
            Calls calls,
            Clock clock) {
        this.accounts = accounts;
        this.passwords = passwords;
        this.accessTokens = accessTokens;
        this.refreshTokens = refreshTokens;
        this.settings = settings;
        this.calls = calls;
        this.clock = clock;
    }

    @Post("/register")
    HttpResponse<Tokens> register(@Body Registration body, HttpRequest<?> request) {
        calls.limit(Limit.REGISTRATIONS_PER_ADDRESS, address(request));
        String username = username(body.username());
        String password = password(body.password());
        String displayName = Calls.shown("displayName", body.displayName(), 64);
        String email = body.email() == null ? null : Emails.check(body.email());
        Account account = new Account(
                new ObjectId(),
                username,
                displayName,
                passwords.hash(password),
                email,
                Boolean.TRUE.equals(body.emailNotifications()),
                clock.instant());
        if (accounts.findByUsername(username).isPresent()) {
            throw new RefusedException(ErrorCode.USERNAME_TAKEN);
        }
        // Tokens first: where they can't be had, there is no half-made account that keeps its name.
        Tokens tokens = tokens(account.userId());
        if (!accounts.add(account)) {
            // Two registrations at once: the unique index decides.
            throw new RefusedException(ErrorCode.USERNAME_TAKEN);
        }
        return HttpResponse.created(tokens);
    }

    /** Where the request comes from. Behind a proxy, what the proxy itself added last: the rest anybody can write. */
    private String address(HttpRequest<?> request) {
        List<String> forwarded = settings.behindProxy() ? request.getHeaders().getAll("X-Forwarded-For") : List.of();
        if (forwarded.isEmpty()) {
            return request.getRemoteAddress().getAddress().getHostAddress();
        }
        String last = forwarded.getLast();
        return last.substring(last.lastIndexOf(',') + 1).strip();
    }

    @Post("/login")
    HttpResponse<Tokens> login(@Body Credentials body, HttpRequest<?> request) {
        if (body.username() == null
                || body.password() == null
                || body.password().length() > 128) {
            throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        }
        String username = body.username().toLowerCase(Locale.ROOT);
        if (!USERNAME.matcher(username).matches()) {
            throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        }
        calls.limit(Limit.LOGINS_PER_ADDRESS, address(request));
        calls.limit(Limit.LOGINS_PER_NAME, username);
        Optional<Account> account = accounts.findByUsername(username);
        boolean right = account.isPresent()
                ? passwords.matches(body.password(), account.get().passwordHash())
                : passwords.matchesNothing(body.password());
        if (!right || account.isEmpty()) {
            throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
        }
        return HttpResponse.ok(tokens(account.get().userId()));
    }

    /** A refresh token is good for one use; each use gives the next one. */
    @Post("/refresh")
    HttpResponse<Tokens> refresh(@Body Refresh body) {
        String token = body.refreshToken();
        if (token == null || token.length() > MAX_REFRESH_TOKEN) {
            throw new RefusedException(ErrorCode.TOKEN_INVALID);
        }
        UserId user = refreshTokens
                .whose(token)
                .filter(accounts::exists)
                .orElseThrow(() -> new RefusedException(ErrorCode.TOKEN_INVALID));
        // The old one is used up last, so that an outage on the way does not end the session.
        Tokens next = tokens(user);
        if (refreshTokens.use(token).isEmpty()) {
            // Somebody else used it at the same moment: only one of the two goes on.
            var _ = refreshTokens.use(next.refreshToken());
            throw new RefusedException(ErrorCode.TOKEN_INVALID);
        }
        return HttpResponse.ok(next);
    }

    /** Ends a session: its refresh token is good no more. The access token runs out by itself. */
    @Post("/logout")
    HttpResponse<Void> logout(@Body Refresh body) {
        String token = body.refreshToken();
        if (token != null && token.length() <= MAX_REFRESH_TOKEN) {
            var _ = refreshTokens.use(token);
        }
        return HttpResponse.noContent();
    }

    private Tokens tokens(UserId user) {
        byte[] bytes = new byte[REFRESH_TOKEN_BYTES];
        random.nextBytes(bytes);
        String refreshToken = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        refreshTokens.remember(refreshToken, user, settings.refreshTokenLifetime());
        return new Tokens(
                user,
                accessTokens.mint(user),
                refreshToken,
                settings.accessTokenLifetime().toSeconds());
    }

    private static String username(@Nullable String text) {
        String username = text == null ? "" : text.toLowerCase(Locale.ROOT);
        if (!USERNAME.matcher(username).matches()) {
            throw new RefusedException(
                    ErrorCode.VALIDATION, "'username' is not 3 to 32 characters of a-z, 0-9, '_', '.', '-'.");
        }
        return username;
    }

    private static String password(@Nullable String text) {
        if (text == null || text.length() < 8 || text.length() > 128) {
            throw new RefusedException(ErrorCode.VALIDATION, "'password' is not 8 to 128 characters.");
        }
        return text;
    }
}
