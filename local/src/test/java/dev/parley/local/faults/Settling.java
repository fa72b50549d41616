package dev.parley.local.faults;

import dev.parley.local.faults.check.Checker;
import dev.parley.local.faults.check.Evidence;
import dev.parley.local.faults.check.Evidence.Span;
import dev.parley.local.faults.check.Ledger;
import dev.parley.local.faults.check.Violation;
import dev.parley.local.faults.people.Crowd;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Waits, after everything was healed and nobody says anything new, until the world has come to rest: no send without an
 * answer, nothing queued, every client whole, and the checker content. What is still wrong when nothing has changed for
 * long, or at the deadline, is a violation.
 */
final class Settling {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /** @param queued what waits to be persisted, -1 where that could not be found out */
    record Settled(Evidence evidence, List<Violation> violations, long nanos, Queues.Depth queued) {}

    private final Crowd crowd;
    private final Ledger ledger;
    private final History history;
    private final Queues queues;
    private final List<Span> divided;

    Settling(Crowd crowd, Ledger ledger, History history, Queues queues, List<Span> divided) {
        this.divided = divided;
        this.crowd = crowd;
        this.ledger = ledger;
        this.history = history;
        this.queues = queues;
    }

    /** @param unchangedFor longer than the longest delay after which something is tried again */
    Settled await(Duration unchangedFor, Duration atMost) throws Exception {
        long start = System.nanoTime();
        long lastChange = start;
        int lastState = 0;
        int contentLooks = 0;
        Queues.Depth depth = new Queues.Depth(-1, -1);
        while (true) {
            Thread.sleep(LOOK_EVERY);
            long now = System.nanoTime();
            depth = depth();
            boolean atRest = !crowd.haveUnanswered() && crowd.areWhole() && depth.waiting() == 0;
            if (atRest || now - lastChange > unchangedFor.toNanos() || now - start > atMost.toNanos()) {
                Evidence evidence = new Evidence(
                        ledger.entries(), history.stored(crowd), List.of(), crowd.held(), crowd.unanswered(), divided);
                List<Violation> violations = Checker.check(evidence);
                contentLooks = violations.isEmpty() && atRest ? contentLooks + 1 : 0;
                int state = 31 * violations.size() + evidence.log().size() + depth.waiting();
                if (state != lastState) {
                    lastState = state;
                    lastChange = now;
                }
                // Twice, because what a consumer has in its hand is in no queue.
                boolean over = now - lastChange > unchangedFor.toNanos() || now - start > atMost.toNanos();
                if (contentLooks == 2 || over) {
                    return withPages(evidence, System.nanoTime() - start, depth);
                }
            }
        }
    }

    private Settled withPages(Evidence evidence, long nanos, Queues.Depth depth) throws Exception {
        Evidence whole = new Evidence(
                evidence.log(),
                evidence.stored(),
                history.pages(crowd),
                evidence.held(),
                evidence.unanswered(),
                divided);
        return new Settled(whole, Checker.check(whole), nanos, depth);
    }

    private Queues.Depth depth() throws InterruptedException {
        try {
            return queues.depth();
        } catch (IOException | TimeoutException notNow) {
            return new Queues.Depth(-1, -1);
        }
    }
}
