package dev.parley.tier.auth;

import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes passwords with Argon2id (RFC 9106), 19 MiB and two passes, in the usual encoded form. At most two hashes are
 * made at once, so that a wave of logins takes neither all memory nor all processors; one that waits too long for its
 * turn fails with {@link BusyException}. Blocking; thread-safe.
 */
@Singleton
public final class Passwords {

    /** Too many passwords are being checked: try again in a moment. */
    public static final class BusyException extends RuntimeException {
        BusyException() {
            super("too many passwords are being checked", null, false, false);
        }
    }

    private static final int MAX_WAIT_SECONDS = 3;
    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

    private final SecureRandom random = new SecureRandom();
    private final Semaphore atOnce = new Semaphore(2);

    /** A hash that fits no password, so that a login with an unknown name takes as long as one with a known name. */
    private final String decoy = hash("no such user");

    public String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] hash = argon2id(password, salt, MEMORY_KIB, PASSES, LANES);
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$" + ENCODER.encodeToString(salt)
                + "$" + ENCODER.encodeToString(hash);
    }

    /** Whether the password is the one that was hashed; takes the parameters from the encoded form. */
    public boolean matches(String password, String encoded) {
        String[] parts = encoded.split("\\$", -1);
        String[] parameters = parts[3].split(",", -1);
        byte[] salt = Base64.getDecoder().decode(parts[4]);
        byte[] expected = Base64.getDecoder().decode(parts[5]);
        byte[] actual = argon2id(password, salt, number(parameters[0]), number(parameters[1]), number(parameters[2]));
        return MessageDigest.isEqual(expected, actual);
    }

    /** Takes as long as {@link #matches} and is always false. */
    public boolean matchesNothing(String password) {
        matches(password, decoy);
        return false;
    }

    private static int number(String parameter) {
        return Integer.parseInt(parameter.substring(2));
    }

    private byte[] argon2id(String password, byte[] salt, int memoryKib, int passes, int lanes) {
        try {
            if (!atOnce.tryAcquire(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new BusyException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException();
        }
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withSalt(salt)
                    .withMemoryAsKB(memoryKib)
                    .withIterations(passes)
                    .withParallelism(lanes)
                    .build());
            byte[] hash = new byte[HASH_BYTES];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
        } finally {
            atOnce.release();
        }
    }
}
