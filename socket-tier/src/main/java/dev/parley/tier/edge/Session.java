package dev.parley.tier.edge;

import dev.parley.id.UserId;
import java.time.Instant;

/**
 * Whose connection it is, and until when its token says so.
 *
 * @param expiresAtMs in milliseconds since the epoch: there is one for each connection
 */
record Session(UserId user, long expiresAtMs) {

    Instant expiresAt() {
        return Instant.ofEpochMilli(expiresAtMs);
    }
}
