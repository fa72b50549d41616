package dev.parley.tier.message;

import dev.parley.connect.Breakers;
import dev.parley.connect.Server;
import dev.parley.redis.RecentMessages;
import dev.parley.wire.MessageDraft;
import jakarta.inject.Singleton;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back what failed tries have shown. Where Redis can not be told, it is told when it is back: until then nobody new
 * is shown the message, and who holds it keeps it. Bounded; thread-safe.
 */
@Singleton
final class Retractions {

    private static final Logger LOG = LoggerFactory.getLogger(Retractions.class);
    private static final int MOST_OWED = 10_000;

    private record Owed(MessageDraft draft, OptionalLong seq, String attempt) {}

    private final RecentMessages recent;
    private final Queue<Owed> owed = new ArrayBlockingQueue<>(MOST_OWED);

    Retractions(RecentMessages recent, Breakers breakers) {
        this.recent = recent;
        breakers.listen((server, away) -> {
            if (server == Server.REDIS && !away) {
                settle();
            }
        });
    }

    /** Never fails; completes when Redis has been told, or it is noted for later. Parameters as in {@link RecentMessages#giveUp}. */
    CompletionStage<Boolean> giveUp(MessageDraft draft, OptionalLong seq, String attempt) {
        return giveUp(new Owed(draft, seq, attempt));
    }

    private CompletionStage<Boolean> giveUp(Owed one) {
        return recent.giveUp(one.draft(), one.seq(), one.attempt()).exceptionally(redisAway -> {
            if (owed.offer(one)) {
                LOG.debug("message {} is taken back later: {}", one.draft().messageId(), redisAway.toString());
            } else {
                LOG.warn("message {} may stay where it was shown", one.draft().messageId());
            }
            return false;
        });
    }

    private void settle() {
        for (int left = owed.size(); left > 0; left--) {
            Owed one = owed.poll();
            if (one != null) {
                var _ = giveUp(one);
            }
        }
    }
}
