package dev.parley.tier.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimingWheelTest {

    private final EventLoop loop = new DefaultEventLoop();

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }

    private static final class Note extends TimingWheel.Timer {
        private final Runnable action;

        Note(Runnable action) {
            this.action = action;
        }

        @Override
        void fire() {
            action.run();
        }
    }

    private <T> T onLoop(java.util.concurrent.Callable<T> action) throws Exception {
        return loop.submit(action).get(10, TimeUnit.SECONDS);
    }

    @Test
    void timersFireOnceNotBeforeTheirTimeAndInItsOrder() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int count = 1_000;
        CountDownLatch fired = new CountDownLatch(count);
        List<Long> early = new ArrayList<>();
        onLoop(() -> {
            TimingWheel wheel = TimingWheel.of(loop);
            for (int i = 0; i < count; i++) {
                long due = System.nanoTime();
                long delay = TimeUnit.MILLISECONDS.toNanos(random.nextInt(300));
                wheel.set(
                        new Note(() -> {
                            if (System.nanoTime() < due + delay) {
                                early.add(delay);
                            }
                            fired.countDown();
                        }),
                        Duration.ofNanos(delay));
            }
            return true;
        });

        assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(onLoop(() -> List.copyOf(early))).isEmpty();
    }

    @Test
    void whatIsSetAgainFiresAtTheLaterTimeOnly() throws Exception {
        List<String> fired = new ArrayList<>();
        CompletableFuture<Boolean> last = new CompletableFuture<>();
        onLoop(() -> {
            TimingWheel wheel = TimingWheel.of(loop);
            Note moved = new Note(() -> fired.add("moved"));
            wheel.set(moved, Duration.ofMillis(40));
            wheel.set(new Note(() -> fired.add("between")), Duration.ofMillis(100));
            wheel.set(moved, Duration.ofMillis(200));
            wheel.set(new Note(() -> last.complete(true)), Duration.ofMillis(300));
            return true;
        });

        assertThat(last.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(onLoop(() -> List.copyOf(fired))).containsExactly("between", "moved");
    }

    @Test
    void whatIsCancelledDoesNotFireAlsoByOneThatFiresJustBefore() throws Exception {
        List<String> fired = new ArrayList<>();
        CompletableFuture<Boolean> last = new CompletableFuture<>();
        onLoop(() -> {
            TimingWheel wheel = TimingWheel.of(loop);
            Note second = new Note(() -> fired.add("second"));
            wheel.set(
                    new Note(() -> {
                        fired.add("first");
                        second.cancel();
                        throw new IllegalStateException("one that fails does not keep the others");
                    }),
                    Duration.ofMillis(30));
            wheel.set(second, Duration.ofMillis(30));
            wheel.set(new Note(() -> fired.add("third")), Duration.ofMillis(30));
            wheel.set(new Note(() -> last.complete(true)), Duration.ofMillis(100));
            return true;
        });

        assertThat(last.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(onLoop(() -> List.copyOf(fired))).containsExactly("first", "third");
    }
}
