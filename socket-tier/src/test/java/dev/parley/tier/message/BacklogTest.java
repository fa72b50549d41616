package dev.parley.tier.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.mongo.ChatStore;
import dev.parley.tier.limit.LimitSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final int BOUND = 10_000;
    private static final int SENDS = 10_000;

    private final AtomicLong waiting = new AtomicLong();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final SplittableRandom random = new SplittableRandom(42);
    private final Backlog backlog = new Backlog(
            queue -> waiting.get(),
            new dev.parley.tier.Blocking(executor),
            new LimitSettings(true, 30, 100, 10_000, 120, 10, 60, 30, 60, 30, 10, 60, 10, 5, BOUND),
            metrics,
            random::nextDouble);

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private double shedAt(long depth, ChatStore.Type type) {
        backlog.see(depth);
        int shed = 0;
        for (int i = 0; i < SENDS; i++) {
            var retryAfterMs = backlog.shed(type);
            if (retryAfterMs.isPresent()) {
                shed++;
                assertThat(retryAfterMs.getAsLong()).isBetween(1_000L, 10_000L);
            }
        }
        return (double) shed / SENDS;
    }

    @Test
    void groupsAreShedFirstAndMoreAsTheQueueGrows() {
        assertThat(shedAt(BOUND, ChatStore.Type.GROUP)).isZero();
        assertThat(shedAt(12_500, ChatStore.Type.GROUP)).isBetween(0.22, 0.28);
        assertThat(shedAt(17_500, ChatStore.Type.GROUP)).isBetween(0.72, 0.78);
        assertThat(shedAt(20_000, ChatStore.Type.GROUP)).isEqualTo(1);
        assertThat(shedAt(20_000, ChatStore.Type.DIRECT)).isZero();
        assertThat(shedAt(25_000, ChatStore.Type.DIRECT)).isBetween(0.47, 0.53);
        assertThat(shedAt(30_000, ChatStore.Type.DIRECT)).isEqualTo(1);
        assertThat(metrics.counter("parley.sends.shed", "chat", "direct").count())
                .isPositive();
        assertThat(shedAt(BOUND, ChatStore.Type.GROUP)).as("it is over").isZero();
    }

    @Test
    void theQueueIsLookedAt() throws Exception {
        waiting.set(3 * BOUND);
        backlog.look();
        dev.parley.testing.Await.until(
                "it has been seen",
                () -> metrics.get("parley.persist.waiting").gauge().value() == 3 * BOUND);
        assertThat(backlog.shed(ChatStore.Type.GROUP)).isPresent();
    }
}
