package dev.parley.function;

import com.amazonaws.services.lambda.runtime.events.RabbitMQEvent;
import dev.parley.queue.Delivery;
import dev.parley.queue.QueueName;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.function.aws.MicronautLambdaContext;
import io.micronaut.function.aws.MicronautRequestHandler;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The door of a function that runs as an AWS Lambda behind an Amazon MQ event source. Amazon MQ has no answer for part of
 * a batch: returning acknowledges all of it, throwing has all of it delivered again; that is what {@link FunctionRunner}
 * means by both.
 */
public class AmazonMqHandler extends MicronautRequestHandler<RabbitMQEvent, @Nullable Void> {

    @Inject
    Functions functions;

    /** For the Lambda runtime. */
    @SuppressWarnings("NullAway.Init") // the super constructor injects
    public AmazonMqHandler() {}

    /** On a context that is there already, for tests. */
    @SuppressWarnings("NullAway.Init") // the super constructor injects
    public AmazonMqHandler(ApplicationContext context) {
        super(context);
    }

    @Override
    protected ApplicationContextBuilder newApplicationContextBuilder() {
        // Not the builder for Lambda: it starts every singleton on the class path, and with them connections to servers
        // that this function does not use.
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .environments(FunctionProcess.ENVIRONMENT, MicronautLambdaContext.ENVIRONMENT_LAMBDA)
                .banner(false)
                .properties(Map.of("parley.function.consume", "false"));
    }

    @Override
    public @Nullable Void execute(RabbitMQEvent event) {
        event.getRmqMessagesByQueue().forEach((source, messages) -> {
            // The key is "queue::virtual host".
            QueueName queue = queue(source.split("::", 2)[0]);
            FunctionRunner<?> runner = functions.byQueue().get(queue);
            if (runner == null) {
                throw new IllegalStateException("no function for " + source);
            }
            List<Delivery> batch = new ArrayList<>(messages.size());
            for (RabbitMQEvent.RabbitMessage message : messages) {
                batch.add(delivery(queue, message));
            }
            try {
                runner.run(batch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        });
        return null;
    }

    private static QueueName queue(String brokerName) {
        return Arrays.stream(QueueName.values())
                .filter(queue -> queue.brokerName().equals(brokerName))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("unknown queue " + brokerName));
    }

    private static Delivery delivery(QueueName queue, RabbitMQEvent.RabbitMessage message) {
        RabbitMQEvent.BasicProperties properties = message.getBasicProperties();
        Map<String, Object> headers = new HashMap<>();
        int priority = 0;
        if (properties != null) {
            priority = properties.getPriority();
            if (properties.getHeaders() != null) {
                properties.getHeaders().forEach((name, value) -> header(value).ifPresent(v -> headers.put(name, v)));
            }
        }
        return new Delivery(
                queue,
                Base64.getMimeDecoder().decode(message.getData()),
                priority,
                headers,
                Boolean.TRUE.equals(message.getRedelivered()));
    }

    /**
     * Amazon MQ gives text as {@code {"bytes":[104,105]}} and numbers as they are. The rest is the broker's own account
     * (x-death), which must not be published again as text.
     */
    private static Optional<Object> header(@Nullable Object value) {
        if (value instanceof Map<?, ?> map && map.get("bytes") instanceof List<?> numbers) {
            byte[] bytes = new byte[numbers.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = ((Number) numbers.get(i)).byteValue();
            }
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        }
        return switch (value) {
            case Number number -> Optional.of(number.longValue());
            case String text -> Optional.of(text);
            case null, default -> Optional.empty();
        };
    }
}
