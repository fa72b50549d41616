package dev.parley.conformance;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * Timings of the echo servers; the defaults are what the official suites are written for.
 *
 * @param connectTimeout how long a Socket.IO client may take to connect to a namespace
 * @param maxPayload longest message of Engine.IO and Socket.IO in bytes
 * @param echoPayload longest message of the plain WebSocket echo in bytes
 */
@ConfigurationProperties("conformance")
@Requires(property = ConformanceServer.ENABLED)
public record EchoSettings(
        @Bindable(defaultValue = "300ms") Duration pingInterval,
        @Bindable(defaultValue = "200ms") Duration pingTimeout,
        @Bindable(defaultValue = "1s") Duration connectTimeout,
        @Bindable(defaultValue = "1000000") int maxPayload,
        @Bindable(defaultValue = "33554432") int echoPayload) {}
