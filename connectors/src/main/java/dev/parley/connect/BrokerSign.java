package dev.parley.connect;

import dev.parley.queue.LiveExchange;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A sign of life of the broker: it takes an event to which nobody listens, and confirms it. */
public final class BrokerSign {

    private static final String CHANNEL = "probe";
    private static final byte[] EVENT = "probe".getBytes(StandardCharsets.US_ASCII);

    private BrokerSign() {}

    /** Fails with {@link ServerAwayException} where there is none; does not block. */
    public static CompletionStage<Boolean> of(LiveExchange exchange) {
        return exchange.publish(CHANNEL, EVENT)
                .thenApply(confirmed -> true)
                .exceptionallyCompose(failure ->
                        CompletableFuture.failedStage(new ServerAwayException(Server.RABBITMQ.title(), failure)));
    }
}
