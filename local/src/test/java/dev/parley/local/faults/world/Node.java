package dev.parley.local.faults.world;

/** A process that faults can happen to. Used by one thread at a time. */
public interface Node {

    String name();

    /** SIGKILL. */
    void kill();

    /** SIGTERM; returns when it has ended. */
    void terminate() throws InterruptedException;

    /** Starts it again with the data that it had; returns when it is ready. */
    void start() throws Exception;

    /** SIGSTOP. */
    void pause();

    /** SIGCONT. */
    void resume();
}
