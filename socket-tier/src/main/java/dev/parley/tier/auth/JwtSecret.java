package dev.parley.tier.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Decides whether a secret is fit to sign tokens with. */
final class JwtSecret {

    /** HS256 wants a key at least as long as its output. */
    private static final int MIN_BYTES = 32;

    private static final int MIN_DISTINCT = 10;

    private static final List<String> GIVEAWAYS =
            List.of("secret", "change", "example", "default", "password", "parley", "test", "12345678");

    private JwtSecret() {}

    /** Throws an {@link IllegalStateException} with what to do about it unless the secret is fit for production. */
    static void requireStrong(String secret) {
        if (secret.isBlank()) {
            throw new IllegalStateException("JWT_SECRET is not set: give it at least " + MIN_BYTES
                    + " random bytes, for example from: openssl rand -base64 48");
        }
        String lower = secret.toLowerCase(Locale.ROOT);
        boolean weak = secret.getBytes(StandardCharsets.UTF_8).length < MIN_BYTES
                || secret.chars().distinct().count() < MIN_DISTINCT
                || GIVEAWAYS.stream().anyMatch(lower::contains);
        if (weak) {
            throw new IllegalStateException("JWT_SECRET is too weak: give it at least " + MIN_BYTES
                    + " random bytes, for example from: openssl rand -base64 48");
        }
    }
}
