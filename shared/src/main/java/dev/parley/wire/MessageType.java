package dev.parley.wire;

import java.util.Locale;
import java.util.Optional;

/** What a message is; on the wire in lower case. */
public enum MessageType {
    TEXT,
    IMAGE,
    FILE,
    /** Written by the service itself; clients cannot send it. */
    SYSTEM;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<MessageType> parse(String wireName) {
        for (MessageType type : values()) {
            if (type.wireName().equals(wireName)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
