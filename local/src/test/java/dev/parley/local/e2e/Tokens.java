package dev.parley.local.e2e;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.parley.local.LocalParley;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/** Tokens as somebody else would make them. */
final class Tokens {

    private Tokens() {}

    static String valid(LocalParley parley, String user) throws JOSEException {
        return validFor(parley, user, 600);
    }

    static String validFor(LocalParley parley, String user, long seconds) throws JOSEException {
        return signed(parley.jwtSecret(), user, Instant.now().plusSeconds(seconds));
    }

    static String expired(LocalParley parley, String user) throws JOSEException {
        return signed(parley.jwtSecret(), user, Instant.now().minusSeconds(1));
    }

    static String withoutExpiry(LocalParley parley, String user) throws JOSEException {
        return signed(parley.jwtSecret(), user, null);
    }

    static String forged(LocalParley parley, String user) throws JOSEException {
        return signed(
                new StringBuilder(parley.jwtSecret()).reverse().toString(),
                user,
                Instant.now().plusSeconds(600));
    }

    static String unsigned(String user) {
        return new PlainJWT(claims(user, Instant.now().plusSeconds(600))).serialize();
    }

    private static String signed(String secret, String user, @Nullable Instant expiry) throws JOSEException {
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims(user, expiry));
        jwt.sign(new MACSigner(secret));
        return jwt.serialize();
    }

    private static JWTClaimsSet claims(String user, @Nullable Instant expiry) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder().subject(user);
        if (expiry != null) {
            claims.expirationTime(Date.from(expiry));
        }
        return claims.build();
    }
}
