package dev.parley.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.function.LambdaStart;
import dev.parley.id.ChatId;
import dev.parley.id.MessageId;
import dev.parley.id.UserId;
import dev.parley.queue.QueueEvent.MessageToIndex;
import dev.parley.queue.Topology;
import dev.parley.search.SearchIndex;
import dev.parley.testing.TestRabbit;
import dev.parley.wire.ChatMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LambdaIT {

    private static final ChatMessage MESSAGE = new ChatMessage(
            new MessageId("d".repeat(24)),
            new ChatId("c".repeat(24)),
            1,
            null,
            new UserId("a".repeat(24)),
            "client-1",
            "text",
            "hello",
            "2026-01-02T03:04:05.678Z");

    @Test
    void theHandlerStartsByItselfConsumesNothingAndIndexes() {
        TestRabbit.shared().clear(Topology.load());
        LambdaStart.handle(Map.of("rabbitmq.uri", TestRabbit.shared().uri()), new MessageToIndex(MESSAGE), context -> {
            assertThat(context.getBean(SearchIndex.class).search("hello", List.of(MESSAGE.chatId()), 10))
                    .containsExactly(MESSAGE);
            assertThat(context.getProperty("parley.function.consume", Boolean.class))
                    .contains(false);
            assertThat(context.getEnvironment().getActiveNames()).contains("function");
        });
        TestRabbit.shared().clear(Topology.load());
    }
}
