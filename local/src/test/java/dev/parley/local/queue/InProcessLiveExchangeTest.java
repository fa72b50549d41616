package dev.parley.local.queue;

import dev.parley.queue.LiveExchange;
import dev.parley.testing.LiveExchangeContract;
import dev.parley.testing.QuickTopology;

/** The live exchange in this process. */
class InProcessLiveExchangeTest extends LiveExchangeContract {

    private final InProcessLiveExchange exchange = new InProcessLiveExchange(QuickTopology.create());

    @Override
    protected LiveExchange exchange() {
        return exchange;
    }
}
