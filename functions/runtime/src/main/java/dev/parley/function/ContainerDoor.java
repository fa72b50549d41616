package dev.parley.function;

import dev.parley.connect.Breakers;
import dev.parley.connect.BrokerSign;
import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import dev.parley.queue.LiveExchange;
import dev.parley.queue.QueueConsumer;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.event.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of a function that runs as a long-lived process: consumes its queues, and has the broker count as away while
 * one of them brings nothing. A Lambda switches it off.
 */
@Singleton
@Requires(property = "parley.function.consume", notEquals = "false")
final class ContainerDoor implements ApplicationEventListener<StartupEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerDoor.class);

    private final Functions functions;
    private final QueueConsumer consumer;
    private final FunctionSettings settings;
    private final LiveExchange exchange;
    private final Breakers breakers;
    private final List<QueueConsumer.Subscription> subscriptions = new ArrayList<>();
    private volatile boolean closing;

    ContainerDoor(
            Functions functions,
            QueueConsumer consumer,
            FunctionSettings settings,
            LiveExchange exchange,
            Breakers breakers) {
        this.functions = functions;
        this.consumer = consumer;
        this.settings = settings;
        this.exchange = exchange;
        this.breakers = breakers;
    }

    @Override
    public void onApplicationEvent(StartupEvent event) {
        var options = new QueueConsumer.Options(settings.batchSize(), settings.maxWait());
        functions.byQueue().forEach((queue, runner) -> {
            subscriptions.add(consumer.consume(queue, options, runner::run));
            LOG.info("consuming {}", queue.brokerName());
        });
        breakers.probe(Server.RABBITMQ, this::sign);
    }

    private CompletionStage<Boolean> sign() {
        if (closing) {
            // Nothing is consumed any more because we are leaving.
            return BrokerSign.of(exchange);
        }
        return subscriptions.stream().allMatch(QueueConsumer.Subscription::isConsuming)
                ? BrokerSign.of(exchange)
                : CompletableFuture.failedStage(
                        new ServerAwayException(Server.RABBITMQ.title(), "it brings no messages"));
    }

    @PreDestroy
    void close() {
        closing = true;
        subscriptions.forEach(QueueConsumer.Subscription::close);
    }
}
