package dev.parley.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
public final class Await {

    private static final long POLL_NANOS = Duration.ofMillis(10).toNanos();

    private Await() {}

    /** Waits at most ten seconds. */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        until(what, Duration.ofSeconds(10), condition);
    }

    /** Returns as soon as the condition holds; fails with {@code what} at the deadline. */
    public static void until(String what, Duration atMost, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + atMost.toMillis() + " ms: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
