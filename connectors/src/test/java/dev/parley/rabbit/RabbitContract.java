package dev.parley.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import dev.parley.queue.DeadLetters;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueDepth;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import dev.parley.testing.QueueContract;
import dev.parley.testing.QuickTopology;
import dev.parley.testing.TestRabbit;
import io.micronaut.context.ApplicationContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The queue port on a real broker. */
abstract class RabbitContract extends QueueContract {

    /** What differs from the defaults. */
    Map<String, Object> properties() {
        return Map.of();
    }

    final TestRabbit rabbit = TestRabbit.shared();
    ApplicationContext context;
    ConfirmingPublisher publisher;

    @BeforeEach
    void start() {
        rabbit.clear(QuickTopology.create());
        Map<String, Object> all = new HashMap<>(properties());
        all.put("rabbitmq.uri", rabbit.uri());
        all.put(QuickTopology.PROPERTY, true);
        all.put("parley.rabbit.confirm-timeout", "2s");
        context = ApplicationContext.run(all);
        publisher = context.getBean(ConfirmingPublisher.class);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Override
    protected QueuePublisher publisher() {
        return publisher;
    }

    @Override
    protected QueueDepth depth() {
        return context.getBean(QueueDepth.class);
    }

    @Override
    protected QueueConsumer consumer() {
        return context.getBean(BatchConsumer.class);
    }

    @Override
    protected DeadLetters deadLetters() {
        return context.getBean(DeadLetters.class);
    }

    @Override
    protected List<Delivery> takeDeadLetters(QueueName queue) throws Exception {
        List<Delivery> taken = new ArrayList<>();
        try (Connection connection = rabbit.connect();
                Channel channel = connection.createChannel()) {
            GetResponse next = channel.basicGet("dlq-" + queue.brokerName(), true);
            for (; next != null; next = channel.basicGet("dlq-" + queue.brokerName(), true)) {
                Map<String, Object> headers = new HashMap<>();
                if (next.getProps().getHeaders() != null) {
                    next.getProps().getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
                }
                taken.add(new Delivery(queue, next.getBody(), 0, headers, false));
            }
        }
        return taken;
    }
}
