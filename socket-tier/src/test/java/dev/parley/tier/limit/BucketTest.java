package dev.parley.tier.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BucketTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Bucket bucket = new Bucket(30, Duration.ofMinutes(1), 0);

    @Test
    void holdsItsCapacityAndSaysWhenThereIsMore() {
        for (int i = 0; i < 30; i++) {
            assertThat(bucket.take(0)).isZero();
        }
        assertThat(bucket.take(0)).isEqualTo(2 * SECOND);
        assertThat(bucket.take(SECOND)).isEqualTo(SECOND);
        assertThat(bucket.take(2 * SECOND)).isZero();
        assertThat(bucket.take(2 * SECOND)).isPositive();
    }

    @Test
    void neverHoldsMoreThanItsCapacity() {
        for (int i = 0; i < 30; i++) {
            assertThat(bucket.take(3600 * SECOND)).isZero();
        }
        assertThat(bucket.take(3600 * SECOND)).isPositive();
    }
}
