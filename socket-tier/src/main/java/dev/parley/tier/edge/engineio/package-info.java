/**
 * Engine.IO 4: sessions, heartbeats, HTTP long-polling and the upgrade to a WebSocket, as the protocol has them, whatever
 * the messages mean. The edge gives it requests and WebSockets; Socket.IO, or an echo in the conformance fixture, stands
 * above it as a {@link dev.parley.tier.edge.engineio.EngineIoSession.Listener}. Knows neither Netty nor the chat.
 *
 * <pre>
 *   GET, POST ──▶ EngineIoServer ──▶ PollingTransport ─┐
 *                      │ sid                           ├─▶ EngineIoSession ──▶ Listener
 *   WebSocket ─────────┴─▶ UpgradeProbe ───────────────┘
 * </pre>
 */
@NullMarked
package dev.parley.tier.edge.engineio;

import org.jspecify.annotations.NullMarked;
