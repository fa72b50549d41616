package dev.parley.tier.frame;

import dev.parley.wire.CloseCode;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What holds for every connection of a server.
 *
 * @param heartbeat how often a client is asked for a sign of life
 * @param heartbeatTimeout how long it may take to give one
 * @param maxPayload longest frame, message or body of a request in bytes
 * @param outboxBytes what may wait to be written to one client before it counts as a slow reader
 * @param closing told of every connection that the server closes, on the connection's event loop
 */
public record ConnectionSettings(
        Duration heartbeat, Duration heartbeatTimeout, int maxPayload, int outboxBytes, Consumer<CloseCode> closing) {}
