/** What was sent, who received it, and how long that took. Owned by the event loop; knows nothing of connections. */
@NullMarked
package dev.parley.bench.load.ledger;

import org.jspecify.annotations.NullMarked;
