package dev.parley.queue;

import dev.parley.wire.Json;
import java.io.IOException;

/** Queue events as UTF-8 JSON: the event's fields as they stand in {@link QueueEvent}. Thread-safe. */
public final class QueueCodec {

    private final Json json;

    public QueueCodec(Json json) {
        this.json = json;
    }

    public byte[] encode(QueueEvent event) {
        return json.bytes(event);
    }

    /** The event in {@code body}; {@link IOException} where it is not one: it never will be, so it is poison. */
    public <E extends QueueEvent> E decode(byte[] body, Class<E> type) throws IOException {
        return json.read(body, type);
    }

    /** Which queue events of a type travel in. */
    public static QueueName queueOf(Class<? extends QueueEvent> type) {
        if (type == QueueEvent.MessagePosted.class) {
            return QueueName.MESSAGE_PERSIST;
        } else if (type == QueueEvent.NotificationRequested.class) {
            return QueueName.NOTIFICATION_SEND;
        } else if (type == QueueEvent.EmailRequested.class) {
            return QueueName.EMAIL_SEND;
        } else if (type == QueueEvent.MessageToIndex.class) {
            return QueueName.MESSAGE_INDEX;
        }
        throw new IllegalArgumentException(type + " travels in no queue");
    }
}
