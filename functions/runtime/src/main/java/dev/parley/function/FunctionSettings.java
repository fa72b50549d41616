package dev.parley.function;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How the container door consumes.
 *
 * @param batchSize most events in one batch
 * @param maxWait how long a batch that is not full waits for more
 */
@ConfigurationProperties("parley.function")
public record FunctionSettings(
        @Bindable(defaultValue = "200") int batchSize,
        @Bindable(defaultValue = "5ms") Duration maxWait) {}
