package dev.parley.queue;

import java.util.Locale;

/** Every queue that code publishes to or consumes from; arguments are in {@link Topology}. */
public enum QueueName {
    MESSAGE_PERSIST,
    MESSAGE_READ,
    CHAT_UPDATE,
    NOTIFICATION_SEND,
    EMAIL_SEND,
    MESSAGE_INDEX;

    /** The name on the broker. */
    public String brokerName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
