package dev.parley.function;

import dev.parley.queue.QueueEvent;
import java.util.List;

/**
 * The core of a function. It must be idempotent: every event may come again, also after it was done. Blocking; called
 * with one batch at a time per door.
 */
public interface BatchFunction<E extends QueueEvent> {

    /** Which events it takes; the type says from which queue. */
    Class<E> eventType();

    /**
     * Works on a batch.
     *
     * @return one outcome per event, in the order of the events
     * @throws dev.parley.connect.ServerAwayException where a server that it needs is away: the batch stays in the queue
     *     and comes again, without counting as a failure of its events
     */
    List<Outcome> handle(List<E> batch);
}
