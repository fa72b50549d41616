package dev.parley.function;

import dev.parley.queue.QueueConsumer;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.event.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door of a function that runs as a long-lived process: consumes its queues. A Lambda switches it off. */
@Singleton
@Requires(property = "parley.function.consume", notEquals = "false")
final class ContainerDoor implements ApplicationEventListener<StartupEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerDoor.class);

    private final Functions functions;
    private final QueueConsumer consumer;
    private final FunctionSettings settings;
    private final List<QueueConsumer.Subscription> subscriptions = new ArrayList<>();

    ContainerDoor(Functions functions, QueueConsumer consumer, FunctionSettings settings) {
        this.functions = functions;
        this.consumer = consumer;
        this.settings = settings;
    }

    @Override
    public void onApplicationEvent(StartupEvent event) {
        var options = new QueueConsumer.Options(settings.batchSize(), settings.maxWait());
        functions.byQueue().forEach((queue, runner) -> {
            subscriptions.add(consumer.consume(queue, options, runner::run));
            LOG.info("consuming {}", queue.brokerName());
        });
    }

    @PreDestroy
    void close() {
        subscriptions.forEach(QueueConsumer.Subscription::close);
    }
}
