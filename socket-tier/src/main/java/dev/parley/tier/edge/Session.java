package dev.parley.tier.edge;

import dev.parley.id.UserId;
import java.time.Instant;

/** Whose connection it is, and until when its token says so. */
record Session(UserId user, Instant expiresAt) {}
