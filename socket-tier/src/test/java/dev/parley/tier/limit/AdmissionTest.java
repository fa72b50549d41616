package dev.parley.tier.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tier.limit.Admission.Reason;
import dev.parley.tier.limit.Admission.Verdict;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By a clock of its own. */
class AdmissionTest {

    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int RATE = 100;
    private static final int STORM = 500;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    private Admission admission(boolean enabled, int capacity, long seed) {
        AdmissionSettings settings = new AdmissionSettings(capacity, RATE, STORM, Duration.ofSeconds(2));
        return new Admission(
                settings, enabled, new Capacity(capacity, "as the test wants"), metrics, new SplittableRandom(seed), 0);
    }

    private static Reason reasonOf(Verdict verdict) {
        return ((Verdict.Refused) verdict).reason();
    }

    @Test
    void oneSecondsWorthComesInAtOnceAndTheRestIsRefused() {
        Admission admission = admission(true, 10_000, 1);
        for (int i = 0; i < RATE; i++) {
            assertThat(admission.knock(0)).isInstanceOf(Verdict.Admitted.class);
        }
        assertThat(reasonOf(admission.knock(0))).isEqualTo(Reason.RATE);
        assertThat(admission.knock(SECOND / RATE)).isInstanceOf(Verdict.Admitted.class);
        assertThat(metrics.counter("parley.admission.admitted").count()).isEqualTo(RATE + 1);
        assertThat(metrics.counter("parley.admission.refused", "reason", "rate").count())
                .isEqualTo(1);
    }

    @Test
    void aStormIsRefusedAsAWholeUntilItIsOver() {
        Admission admission = admission(true, 10_000, 2);
        for (int i = 0; i < STORM; i++) {
            var _ = admission.knock(0);
        }
        Verdict first = admission.knock(0);
        assertThat(reasonOf(first)).isEqualTo(Reason.STORM);
        assertThat(((Verdict.Refused) first).retryAfterMs())
                .as("not before it is over")
                .isGreaterThan(2_000);
        assertThat(reasonOf(admission.knock(1_900 * MS)))
                .as("the bucket is full again")
                .isEqualTo(Reason.STORM);
        assertThat(admission.knock(2_000 * MS)).isInstanceOf(Verdict.Admitted.class);
    }

    @Test
    void aFullInstanceTakesAnotherOnlyWhenOneHasLeft() {
        Admission admission = admission(true, 3, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(admission.knock(0)).isInstanceOf(Verdict.Admitted.class);
        }
        assertThat(reasonOf(admission.knock(0))).isEqualTo(Reason.FULL);
        admission.left();
        assertThat(admission.knock(0)).isInstanceOf(Verdict.Admitted.class);
    }

    @Test
    void whoDidNotSeeTheRefusalCanAsk() {
        Admission admission = admission(true, 10_000, 4);
        assertThat(admission.retryAfterMs(0)).isEmpty();
        for (int i = 0; i < RATE + 50; i++) {
            var _ = admission.knock(0);
        }
        assertThat(admission.retryAfterMs(0).orElseThrow()).isBetween(1_000L, 3_000L);
        assertThat(admission.retryAfterMs(SECOND))
                .as("all have come back by now")
                .isEmpty();
    }

    @Test
    void liftedLimitsLetEverybodyIn() {
        Admission admission = admission(false, 1, 5);
        for (int i = 0; i < 1_000; i++) {
            assertThat(admission.knock(0)).isInstanceOf(Verdict.Admitted.class);
        }
        assertThat(admission.retryAfterMs(0)).isEmpty();
    }

    /** Thousands lose the same server and come at once, each comes back when it is told to. */
    @ParameterizedTest
    @ValueSource(ints = {300, 2_000, 8_000})
    void theRefusedComeBackAtAboutTheRateAtWhichTheyAreTaken(int clients) {
        Admission admission = admission(true, 10_000, clients);
        PriorityQueue<Long> arrivals = new PriorityQueue<>();
        for (int i = 0; i < clients; i++) {
            arrivals.add((long) i); // within a few microseconds
        }
        TreeMap<Long, Integer> attemptsBySecond = new TreeMap<>();
        int attempts = 0;
        long now = 0;
        while (!arrivals.isEmpty()) {
            now = arrivals.remove();
            attempts++;
            attemptsBySecond.merge(now / SECOND, 1, Integer::sum);
            if (admission.knock(now) instanceof Verdict.Refused refused) {
                arrivals.add(now + refused.retryAfterMs() * MS);
            }
        }
        attemptsBySecond.pollFirstEntry();
        assertThat(attempts).as("hardly anybody is refused twice").isLessThan((int) (clients * 2.1));
        assertThat(attemptsBySecond.values())
                .as("no second wave: %s", attemptsBySecond)
                .allMatch(count -> count <= RATE * 1.3);
        assertThat(now / SECOND)
                .as("seconds until all are in")
                .isLessThanOrEqualTo((long) (clients / (RATE * 0.7)) + 8);
    }

    @Test
    void capacityIsTheLeastOfWhatIsConfiguredAndWhatTheProcessCanHold() {
        long gib = 1L << 30;
        assertThat(Capacity.of(10_000, 1_048_576, gib).connections()).isEqualTo(10_000);
        assertThat(Capacity.of(10_000, 4_096, gib)).isEqualTo(new Capacity(3_584, "because of 4096 file descriptors"));
        assertThat(Capacity.of(10_000, 1_048_576, gib / 8))
                .isEqualTo(new Capacity(4_096, "because of a heap of 128 MiB"));
        assertThat(Capacity.of(10_000, 100, gib).connections()).isEqualTo(50);
    }
}
