/**
 * The load generator; {@code bench/load} runs it. A crowd of clients on one event loop sends by a schedule that is fixed
 * beforehand, a ledger says of every message who received it, and latencies count from the moment a message was due, so
 * that a server that stands still is not flattered by clients that wait for it.
 *
 * <pre>
 *   scenario ──▶ crowd ──▶ net, wire ──▶ server (world starts it)
 *                  └─────▶ ledger ──▶ report
 * </pre>
 */
@NullMarked
package dev.parley.bench.load;

import org.jspecify.annotations.NullMarked;
