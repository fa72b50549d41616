package dev.parley.tier.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final int LONG = 60;
    private final Throttle throttle = new Throttle();

    private double after(int seconds, double load) {
        double factor = Double.NaN;
        for (int i = 0; i < seconds; i++) {
            factor = throttle.next(load);
        }
        return factor;
    }

    @Test
    void limitsAreTightenedInTwoSteps() {
        assertThat(after(LONG, 0.69)).isEqualTo(1);
        assertThat(after(LONG, 0.75)).isEqualTo(0.75);
        assertThat(after(LONG, 0.95)).isEqualTo(0.5);
    }

    @Test
    void aPeakDoesNotMatter() {
        assertThat(after(LONG, 0.3)).isEqualTo(1);
        assertThat(after(2, 1.0)).isEqualTo(1);
    }

    @Test
    void theyAreLoosenedOnlyWellBelowTheThreshold() {
        assertThat(after(LONG, 0.95)).isEqualTo(0.5);
        assertThat(after(LONG, 0.85)).as("between").isEqualTo(0.5);
        assertThat(after(LONG, 0.75)).isEqualTo(0.75);
        assertThat(after(LONG, 0.65)).as("between").isEqualTo(0.75);
        assertThat(after(LONG, 0.55)).isEqualTo(1);
        assertThat(after(LONG, 0.65)).as("between, from below").isEqualTo(1);
    }
}
