package dev.parley.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.micronaut.serde.annotation.Serdeable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

    /**
     * The id of the message that this sender calls {@code clientMessageId} in this chat. It is a function of the three
     * (the first 96 bits of their SHA-256), so that every instance gives a resend the same id, whatever servers are away
     * and whatever they have forgotten; {@code _id} in MongoDB then keeps it single.
     */
    public static MessageId of(ChatId chat, UserId sender, String clientMessageId) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((chat.value() + sender.value() + clientMessageId).getBytes(StandardCharsets.UTF_8));
            return new MessageId(HexFormat.of().formatHex(hash, 0, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
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
