package dev.parley.tier.edge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A request at work.
 *
 * @param mayGoOn completes when the next request of the connection may start without overtaking this one
 * @param reply the answer
 */
record Handling(CompletionStage<?> mayGoOn, CompletionStage<Reply> reply) {

    static Handling now(Reply reply) {
        CompletionStage<Reply> done = CompletableFuture.completedStage(reply);
        return new Handling(done, done);
    }

    /** One that the next request waits for. */
    static Handling inTurn(CompletionStage<Reply> reply) {
        return new Handling(reply, reply);
    }
}
