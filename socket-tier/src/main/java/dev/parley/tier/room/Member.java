package dev.parley.tier.room;

import java.util.concurrent.Executor;

/** Somebody who can be given the events of a room: a connection. */
public interface Member {

    /** Where the member lives: everything about its seats happens there, in order. */
    Executor loop();

    /** Gives it an event; on its loop. */
    void show(Broadcast broadcast);
}
