package dev.parley.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    void onlyServersThatTheProcessUsesAreShown() {
        List<Server> used = new CopyOnWriteArrayList<>();
        breakers.probe(Server.REDIS, () -> CompletableFuture.completedStage(true));
        breakers.listen(new Breakers.Listener() {
            @Override
            public void changed(Server server, boolean away) {}

            @Override
            public void used(Server server) {
                used.add(server);
            }
        });
        breakers.probeBlocking(Server.OPENSEARCH, () -> {});
        breakers.probeBlocking(Server.OPENSEARCH, () -> {});

        assertThat(breakers.states()).isEqualTo(Map.of("Redis", "up", "OpenSearch", "up"));
        assertThat(used).containsExactly(Server.REDIS, Server.OPENSEARCH);
    }

    @Test
    void aServerThatMindsIsAskedOnlyWhileItIsAway() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger clock = new AtomicInteger();
        breakers.probeWhileAway(Server.REDIS, Duration.ofMillis(10), asked::incrementAndGet);
        breakers.probeBlocking(Server.MONGODB, clock::incrementAndGet);
        Await.until("some time has passed", Duration.ofSeconds(20), () -> clock.get() >= 2);
        assertThat(asked.get()).as("while it was up").isZero();

        fail(3);
        Await.until("Redis counts as back", Duration.ofSeconds(20), () -> !breakers.isAway(Server.REDIS));
        assertThat(asked.get()).isPositive();
    }

    @Test
    void whoeverHasAWayOfItsOwnCanAskFirst() {
        breakers.requireNotAway(Server.REDIS);
        fail(3);
        assertThatThrownBy(() -> breakers.requireNotAway(Server.REDIS)).isInstanceOf(ServerAwayException.class);
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
