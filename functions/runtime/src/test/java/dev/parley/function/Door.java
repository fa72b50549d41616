package dev.parley.function;

import com.amazonaws.services.lambda.runtime.events.RabbitMQEvent;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueConsumer;
import dev.parley.queue.QueueName;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The two ways in which a function gets its events. */
public enum Door {
    /** The process consumes the queue itself. */
    CONTAINER,
    /** Amazon MQ's poller consumes the queue and calls the handler. */
    LAMBDA;

    /** Opens it on a context that was started with {@code parley.function.consume} as {@link #consumes} says. */
    AutoCloseable open(ApplicationContext context, List<QueueName> queues) {
        return switch (this) {
            case CONTAINER -> () -> {};
            case LAMBDA -> poller(context, queues);
        };
    }

    boolean consumes() {
        return this == CONTAINER;
    }

    /** What AWS does for us: batches out of the queue, as the event that the handler gets, acknowledged if it returns. */
    private static AutoCloseable poller(ApplicationContext context, List<QueueName> queues) {
        AmazonMqHandler handler = new AmazonMqHandler(context);
        QueueConsumer consumer = context.getBean(QueueConsumer.class);
        List<QueueConsumer.Subscription> subscriptions = new ArrayList<>();
        for (QueueName queue : queues) {
            subscriptions.add(consumer.consume(
                    queue,
                    new QueueConsumer.Options(100, Duration.ofMillis(20)),
                    batch -> handler.execute(event(queue, batch))));
        }
        return () -> subscriptions.forEach(QueueConsumer.Subscription::close);
    }

    static RabbitMQEvent event(QueueName queue, List<Delivery> batch) {
        RabbitMQEvent event = new RabbitMQEvent();
        event.setEventSource("aws:rmq");
        event.setRmqMessagesByQueue(Map.of(
                queue.brokerName() + "::/", batch.stream().map(Door::message).toList()));
        return event;
    }

    private static RabbitMQEvent.RabbitMessage message(Delivery delivery) {
        RabbitMQEvent.BasicProperties properties = new RabbitMQEvent.BasicProperties();
        properties.setContentType("application/json");
        properties.setPriority(delivery.priority());
        Map<String, Object> headers = new HashMap<>();
        delivery.headers()
                .forEach((name, value) -> headers.put(name, value instanceof String text ? bytes(text) : value));
        properties.setHeaders(headers);
        RabbitMQEvent.RabbitMessage message = new RabbitMQEvent.RabbitMessage();
        message.setBasicProperties(properties);
        message.setRedelivered(delivery.redelivered());
        message.setData(Base64.getEncoder().encodeToString(delivery.body()));
        return message;
    }

    private static Map<String, Object> bytes(String text) {
        List<Integer> numbers = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            numbers.add((int) b);
        }
        return Map.of("bytes", numbers);
    }
}
