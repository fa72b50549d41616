package dev.parley.tier.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ServedChannelsTest {

    private final ServedChannels<String> channels = new ServedChannels<>();
    private final List<String> closed = new ArrayList<>();

    @Test
    void theFirstOpensAndTheLastCloses() {
        assertThat(channels.enter("a", () -> "first")).isEqualTo("first");
        assertThat(channels.enter("a", () -> "second")).isEqualTo("first");
        channels.leave("a", closed::add);
        assertThat(channels.get("a")).isEqualTo("first");
        assertThat(closed).isEmpty();
        channels.leave("a", closed::add);
        assertThat(channels.get("a")).isNull();
        assertThat(closed).containsExactly("first");
        assertThat(channels.enter("a", () -> "third")).isEqualTo("third");
        assertThat(channels.all()).containsExactly("third");
    }

    /** Redis confirms a subscription on a thread of its own, perhaps before the one that asked for it goes on. */
    @Test
    void whatIsToldBeforeTheChannelIsOpenReachesIt() throws Exception {
        AtomicReference<Optional<String>> told = new AtomicReference<>(Optional.empty());
        Thread teller = Thread.ofPlatform().unstarted(() -> told.set(Optional.ofNullable(channels.opened("a"))));
        channels.enter("a", () -> {
            teller.start();
            awaitWaitingOrDone(teller);
            return "served";
        });
        teller.join();
        assertThat(told.get()).contains("served");
    }

    private static void awaitWaitingOrDone(Thread thread) {
        try {
            Await.until("it waits or has ended", () -> switch (thread.getState()) {
                case BLOCKED, WAITING, TERMINATED -> true;
                default -> false;
            });
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
