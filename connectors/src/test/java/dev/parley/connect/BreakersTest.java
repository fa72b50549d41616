package dev.parley.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BreakersTest {

    private final Breakers breakers = new Breakers();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void close() {
        breakers.close();
    }

    @Test
    void afterAFewFailuresCallsFailAtOnce() {
        breakers.listen((server, away) -> changes.add(server + " " + away));
        fail(3);
        assertThat(breakers.isAway(Server.REDIS)).isTrue();
        assertThat(breakers.isAway(Server.MONGODB)).isFalse();
        int before = calls.get();
        fail(5);
        assertThat(calls.get()).as("calls that went through").isEqualTo(before);
        assertThat(changes).containsExactly("REDIS true");
    }

    @Test
    void aProbeFindsOutThatTheServerIsBack() throws Exception {
        breakers.listen((server, away) -> changes.add(server + " " + away));
        fail(3);
        breakers.probe(Server.REDIS, () -> CompletableFuture.completedStage(true));
        Await.until("Redis counts as back", Duration.ofSeconds(20), () -> !breakers.isAway(Server.REDIS));
        assertThat(changes).containsExactly("REDIS true", "REDIS false");
    }

    @Test
    void whatTheServerRefusedWasAnswered() {
        Supplier<Object> refused = () -> {
            throw new IllegalArgumentException("wrong type");
        };
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> breakers.run(Server.MONGODB, refused))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(breakers.isAway(Server.MONGODB)).isFalse();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            var outcome = breakers.call(Server.REDIS, () -> {
                calls.incrementAndGet();
                return CompletableFuture.failedStage(new ServerAwayException("Redis", "on purpose"));
            });
            assertThat(outcome.toCompletableFuture()).isCompletedExceptionally();
        }
    }
}
