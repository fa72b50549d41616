package dev.parley.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/**
 * Why something was refused, as a client sees it in {@code error} of an answer and in {@code error} events.
 *
 * @param message for people; never carries internals
 * @param retryAfterMs how long to wait before trying again; null where trying again is pointless
 */
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Fault(
        ErrorCode code, String message, @Nullable Long retryAfterMs) {

    public static Fault of(ErrorCode code) {
        return new Fault(code, code.description(), null);
    }

    public static Fault of(ErrorCode code, String message) {
        return new Fault(code, message, null);
    }

    public static Fault retryAfter(ErrorCode code, long retryAfterMs) {
        return new Fault(code, code.description(), retryAfterMs);
    }
}
