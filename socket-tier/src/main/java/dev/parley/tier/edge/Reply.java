package dev.parley.tier.edge;

import dev.parley.wire.Fault;
import dev.parley.wire.ServerEvent;
import org.jspecify.annotations.Nullable;

/** The answer to a request. */
sealed interface Reply {

    /**
     * It was done.
     *
     * @param data what the answer carries; a {@code @Serdeable} value
     * @param event what a client that asked for no answer is told instead; null for nothing
     */
    record Ok(Object data, @Nullable ServerEvent event) implements Reply {
        Ok(Object data) {
            this(data, null);
        }
    }

    record Refused(Fault fault) implements Reply {}
}
