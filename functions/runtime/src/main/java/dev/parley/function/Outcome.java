package dev.parley.function;

/** What became of one event. */
public sealed interface Outcome {

    Outcome DONE = new Done();

    /** It has had its effect, now or earlier. */
    record Done() implements Outcome {}

    /** It failed and may succeed later. After the last try it becomes a dead letter. */
    record Retry(String reason) implements Outcome {}

    /**
     * It was not tried, because a server that it needs has gone away within the batch: it comes again after the shortest
     * delay, and that counts as no failure. Where nothing of a batch could be tried, throw instead.
     */
    record Postponed(String reason) implements Outcome {}

    /** It can never succeed: it becomes a dead letter at once. */
    record Poison(String reason) implements Outcome {}
}
