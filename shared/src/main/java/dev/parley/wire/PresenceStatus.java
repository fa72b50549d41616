package dev.parley.wire;

import java.util.Arrays;
import java.util.Optional;

/** How a user shows himself to those who watch his presence. */
public enum PresenceStatus {
    ONLINE("online"),
    AWAY("away"),
    BUSY("busy"),

    /** Not connected; chosen by a user who is, it makes him appear so. */
    OFFLINE("offline");

    private final String wireName;

    PresenceStatus(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** The status of this name, or empty where there is none. */
    public static Optional<PresenceStatus> parse(String name) {
        return Arrays.stream(values())
                .filter(status -> status.wireName.equals(name))
                .findFirst();
    }
}
