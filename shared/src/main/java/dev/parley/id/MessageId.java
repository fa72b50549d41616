package dev.parley.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Optional;

/**
 * A message; {@code _id} in MongoDB, made by the tier before the message is sent.
 *
 * @param value 24 lower-case hex digits
 */
@Serdeable
public record MessageId(String value) implements Comparable<MessageId> {

    @JsonCreator
    public MessageId {
        ObjectIds.require(value);
    }

    /** The id that {@code text} spells, or empty if it spells none. */
    public static Optional<MessageId> parse(String text) {
        return ObjectIds.isObjectId(text) ? Optional.of(new MessageId(text)) : Optional.empty();
    }

    @Override
    @JsonValue
    public String value() {
        return value;
    }

    @Override
    public int compareTo(MessageId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
