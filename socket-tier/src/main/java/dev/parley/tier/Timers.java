package dev.parley.tier;

import io.micronaut.context.event.ShutdownEvent;
import io.micronaut.runtime.event.annotation.EventListener;
import io.micronaut.scheduling.processor.ScheduledMethodProcessor;
import jakarta.inject.Singleton;

/** Ends the framework's timers before anything is closed: one that fires later would make its bean anew. */
@Singleton
final class Timers {

    private final ScheduledMethodProcessor timers;

    Timers(ScheduledMethodProcessor timers) {
        this.timers = timers;
    }

    @EventListener
    void end(ShutdownEvent instance) {
        timers.close();
    }
}
