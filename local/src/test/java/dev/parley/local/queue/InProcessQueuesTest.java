package dev.parley.local.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.queue.DeadLetters;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.testing.QueueContract;
import dev.parley.testing.QuickTopology;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue port in this process; and that it keeps what it has confirmed. */
class InProcessQueuesTest extends QueueContract {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    private @Nullable InProcessQueues queues;

    @BeforeEach
    void open() {
        queues = new InProcessQueues(QuickTopology.create(), directory);
    }

    @AfterEach
    void close() {
        queues().close();
    }

    private InProcessQueues queues() {
        InProcessQueues open = queues;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        return open;
    }

    @Override
    protected QueuePublisher publisher() {
        return queues();
    }

    @Override
    protected QueueDepth depth() {
        return queues();
    }

    @Override
    protected QueueConsumer consumer() {
        return queues();
    }

    @Override
    protected DeadLetters deadLetters() {
        return new InProcessDeadLetters(queues());
    }

    @Override
    protected List<Delivery> takeDeadLetters(QueueName queue) {
        return queues().takeDeadLetters(queue);
    }

    @Test
    void whatWasConfirmedIsThereAfterARestart() throws Exception {
        publishAll(QUEUE, 3, List.of("one", "two"));
        close();
        open();

        assertThat(texts(consume(QUEUE, 2))).containsExactly("one", "two");
    }
}
