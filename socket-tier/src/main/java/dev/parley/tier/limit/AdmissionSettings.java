package dev.parley.tier.limit;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * How many new connections an instance takes. Lifted together with the other limits, by {@code parley.limits.enabled}.
 *
 * @param connections most that are open at a time; fewer where the process could not hold them, see {@link Capacity}
 * @param perSecond new connections a second, and most at once
 * @param breakerPerSecond attempts a second above which everybody is refused for a while
 * @param breakerPause for how long
 */
@ConfigurationProperties("parley.admission")
public record AdmissionSettings(
        @Bindable(defaultValue = "10000") int connections,
        @Bindable(defaultValue = "100") int perSecond,
        @Bindable(defaultValue = "500") int breakerPerSecond,
        @Bindable(defaultValue = "2s") Duration breakerPause) {

    public AdmissionSettings {
        if (connections < 1 || perSecond < 1 || breakerPerSecond < perSecond) {
            throw new IllegalArgumentException(
                    "parley.admission: connections and per-second are at least 1, breaker-per-second at least per-second");
        }
    }
}
