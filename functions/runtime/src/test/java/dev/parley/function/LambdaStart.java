package dev.parley.function;

import dev.parley.queue.Delivery;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent;
import dev.parley.queue.QueueName;
import dev.parley.wire.Json;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The handler as Lambda makes it: by its constructor, with nothing but the environment. */
public final class LambdaStart {

    private LambdaStart() {}

    /** Starts it, gives it one event and shows the context that it has made. */
    public static void handle(Map<String, String> properties, QueueEvent event, Consumer<ApplicationContext> look) {
        properties.forEach(System::setProperty);
        try {
            QueueName queue = QueueCodec.queueOf(event.getClass());
            byte[] body = new QueueCodec(Json.standalone()).encode(event);
            AmazonMqHandler handler = new AmazonMqHandler();
            try (ApplicationContext context = (ApplicationContext) handler.getApplicationContext()) {
                var _ = handler.execute(Door.event(queue, List.of(new Delivery(queue, body, 0, Map.of(), false))));
                look.accept(context);
            }
        } finally {
            properties.keySet().forEach(System::clearProperty);
        }
    }
}
