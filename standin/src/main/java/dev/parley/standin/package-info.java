/**
 * A server inside the JVM that speaks MongoDB's wire protocol, for the local mode and for tests where no real MongoDB is
 * at hand. It knows nothing of the project, and nothing that runs in production may depend on it. What it does not do
 * like the real one: it ignores TTL indexes, hints and collations, treats a partial unique index as a full one, and scans
 * where the real one would use a non-unique index.
 */
@NullMarked
package dev.parley.standin;

import org.jspecify.annotations.NullMarked;
