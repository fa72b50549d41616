package dev.parley.tier.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.parley.id.UserId;
import dev.parley.tier.TierSettings;
import dev.parley.wire.ErrorCode;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Value;
import io.micronaut.security.token.jwt.signature.SignatureGeneratorConfiguration;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Access tokens: JWTs signed with HS256 whose {@code sub} is a user id and whose {@code exp} is required. Tokens made
 * elsewhere with the same secret are as good as ours. Thread-safe.
 */
@Context
public final class AccessTokens {

    /** What a token turned out to be. */
    public sealed interface Verdict {
        record Valid(UserId user, Instant expiresAt) implements Verdict {}

        record Rejected(ErrorCode code) implements Verdict {}
    }

    private static final Verdict INVALID = new Verdict.Rejected(ErrorCode.TOKEN_INVALID);

    private final SignatureGeneratorConfiguration signature;
    private final TierSettings settings;
    private final Clock clock;

    AccessTokens(
            SignatureGeneratorConfiguration signature,
            TierSettings settings,
            Clock clock,
            @Value("${jwt.secret:}") String secret) {
        if (!settings.local()) {
            JwtSecret.requireStrong(secret);
        }
        this.signature = signature;
        this.settings = settings;
        this.clock = clock;
    }

    public String mint(UserId user) {
        Instant now = clock.instant();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .subject(user.value())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(settings.accessTokenLifetime())))
                .build();
        try {
            return signature.sign(claims).serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    public Verdict verify(String token) {
        SignedJWT jwt;
        JWTClaimsSet claims;
        try {
            jwt = SignedJWT.parse(token);
            if (!signature.supports(jwt.getHeader().getAlgorithm()) || !signature.verify(jwt)) {
                return INVALID;
            }
            claims = jwt.getJWTClaimsSet();
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            return INVALID;
        }
        Instant now = clock.instant();
        Optional<UserId> user = Optional.ofNullable(claims.getSubject()).flatMap(UserId::parse);
        if (user.isEmpty() || claims.getExpirationTime() == null) {
            return INVALID;
        }
        if (claims.getNotBeforeTime() != null
                && claims.getNotBeforeTime().toInstant().isAfter(now)) {
            return INVALID;
        }
        Instant expiresAt = claims.getExpirationTime().toInstant();
        return expiresAt.isAfter(now)
                ? new Verdict.Valid(user.get(), expiresAt)
                : new Verdict.Rejected(ErrorCode.TOKEN_EXPIRED);
    }
}
