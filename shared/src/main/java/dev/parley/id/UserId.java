package dev.parley.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Optional;

/**
 * A user account; the {@code sub} of access tokens.
 *
 * @param value 24 lower-case hex digits
 */
@Serdeable
public record UserId(String value) implements Comparable<UserId> {

    @JsonCreator
    public UserId {
        ObjectIds.require(value);
    }

    /** The id that {@code text} spells, or empty if it spells none. */
    public static Optional<UserId> parse(String text) {
        return ObjectIds.isObjectId(text) ? Optional.of(new UserId(text)) : Optional.empty();
    }

    @Override
    @JsonValue
    public String value() {
        return value;
    }

    @Override
    public int compareTo(UserId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
