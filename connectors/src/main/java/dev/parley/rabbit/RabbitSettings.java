package dev.parley.rabbit;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How we talk to RabbitMQ; where it is stands in {@code rabbitmq.uri} ({@link RabbitServers}).
 *
 * @param confirmTimeout a publication that is not confirmed by then has failed
 * @param maxUnconfirmed publications under way at most; one more is refused at once
 * @param quorumQueues whether all queues are quorum queues, for clusters; classic with priorities otherwise
 */
@ConfigurationProperties("parley.rabbit")
public record RabbitSettings(
        @Bindable(defaultValue = "5s") Duration confirmTimeout,
        @Bindable(defaultValue = "50000") int maxUnconfirmed,
        @Bindable(defaultValue = "false") boolean quorumQueues) {}
