package dev.parley.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Optional;

/**
 * A chat: direct or group.
 *
 * @param value 24 lower-case hex digits
 */
@Serdeable
public record ChatId(String value) implements Comparable<ChatId> {

    @JsonCreator
    public ChatId {
        ObjectIds.require(value);
    }

    /** The id that {@code text} spells, or empty if it spells none. */
    public static Optional<ChatId> parse(String text) {
        return ObjectIds.isObjectId(text) ? Optional.of(new ChatId(text)) : Optional.empty();
    }

    @Override
    @JsonValue
    public String value() {
        return value;
    }

    @Override
    public int compareTo(ChatId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
