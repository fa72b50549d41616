package dev.parley.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every kind of fault once or twice, in a few minutes. {@code -Dfaults.seed=…} chooses another schedule; the report is in
 * {@code target/faults}.
 */
@Timeout(1_200)
class FaultsIT {

    private static final long SEED = Long.getLong("faults.seed", 42);

    @Test
    void noPromiseIsBrokenWhateverDies() throws Exception {
        Report report =
                new FaultRun(Plan.brief(SEED), Path.of("target/faults/it").toAbsolutePath(), null).run();
        System.out.println(report.markdown());
        assertThat(report.violations()).as(report.failure()).isEmpty();
        assertThat(report.total("acked")).as("messages acknowledged").isGreaterThan(5_000);
    }
}
