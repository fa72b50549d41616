/** WebSocket connections of the load generator, all on one event loop, from several addresses of this machine. */
@NullMarked
package dev.parley.bench.load.net;

import org.jspecify.annotations.NullMarked;
