package dev.parley.local.faults.people;

import io.micronaut.json.tree.JsonNode;
import org.jspecify.annotations.Nullable;

/** The answer to a request. */
sealed interface Answer {

    record Ok(JsonNode data) implements Answer {}

    /** @param retryAfterMs null where trying again makes no sense */
    record No(String code, @Nullable Long retryAfterMs) implements Answer {}

    static Answer of(JsonNode frame) {
        JsonNode error = frame.get("error");
        if (error == null) {
            JsonNode data = frame.get("data");
            return new Ok(data == null ? JsonNode.nullNode() : data);
        }
        JsonNode retry = error.get("retryAfterMs");
        JsonNode code = error.get("code");
        return new No(
                code == null ? "?" : code.getStringValue(),
                retry == null || retry.isNull() ? null : Long.valueOf(retry.getLongValue()));
    }
}
