package dev.parley.bench.load.world;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * What a world is started with.
 *
 * @param home the root of the repository
 * @param directory for the output of the processes
 * @param memory of the container that each JVM believes to be in, as {@code -XX:MaxRAM} takes it
 * @param persist whether messages are stored; else they wait in their queue
 * @param limits whether the rate limits hold
 */
public record WorldSettings(
        Path home, Path directory, int tiers, String memory, boolean persist, boolean limits, String jwtSecret) {

    private static final int SECRET_BYTES = 48;

    /** A secret for one run. */
    public static String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }
}
