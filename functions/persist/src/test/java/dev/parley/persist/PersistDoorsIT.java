package dev.parley.persist;

import com.mongodb.client.MongoDatabase;
import dev.parley.function.DoorsContract;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueEvent.MessagePosted;
import dev.parley.queue.QueueName;
import dev.parley.wire.ChatMessage;
import io.micronaut.context.ApplicationContext;
import java.util.List;

class PersistDoorsIT extends DoorsContract {

    private static final ChatId CHAT = new ChatId("c".repeat(24));

    @Override
    protected List<QueueName> queues() {
        return List.of(QueueName.MESSAGE_PERSIST);
    }

    @Override
    protected QueueEvent good(int number) {
        return message(number, "2026-01-02T03:04:05.678Z");
    }

    /** It reads as an event, but a later step stumbles over its time. */
    @Override
    protected QueueEvent failing() {
        return message(99, "yesterday");
    }

    @Override
    protected int effects(ApplicationContext context) {
        return (int)
                context.getBean(MongoDatabase.class).getCollection("messages").countDocuments();
    }

    private static MessagePosted message(int number, String timestamp) {
        return new MessagePosted(
                new ChatMessage(
                        new MessageId("%024x".formatted(number)),
                        CHAT,
                        number,
                        null,
                        new UserId("a".repeat(24)),
                        "client-" + number,
                        "text",
                        "hello " + number,
                        timestamp),
                "group");
    }
}
