package dev.parley.index;

import dev.parley.function.DoorsContract;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueEvent.MessageToIndex;
import dev.parley.queue.QueueName;
import dev.parley.search.SearchIndex;
import dev.parley.wire.ChatMessage;
import io.micronaut.context.ApplicationContext;
import java.util.List;

class IndexDoorsIT extends DoorsContract {

    private static final ChatId CHAT = new ChatId("c".repeat(24));

    @Override
    protected List<QueueName> queues() {
        return List.of(QueueName.MESSAGE_INDEX);
    }

    @Override
    protected QueueEvent good(int number) {
        return message(number, "hello " + number);
    }

    @Override
    protected QueueEvent failing() {
        return message(99, PickyIndex.REFUSED);
    }

    @Override
    protected int effects(ApplicationContext context) {
        return context.getBean(SearchIndex.class)
                .search("hello", List.of(CHAT), SearchIndex.MAX_LIMIT)
                .size();
    }

    private static MessageToIndex message(int number, String content) {
        return new MessageToIndex(new ChatMessage(
                new MessageId("%024x".formatted(number)),
                CHAT,
                number,
                null,
                new UserId("a".repeat(24)),
                "client-" + number,
                "text",
                content,
                "2026-01-02T03:04:05.678Z"));
    }
}
