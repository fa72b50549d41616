package dev.parley.local.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.local.faults.Schedule.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fault run finds what was broken on purpose, and nothing where nothing goes wrong. */
@Timeout(600)
class CheckerCanFailIT {

    @Test
    void aCalmRunHasNoViolations() throws Exception {
        Report report = new FaultRun(Sabotage.plan(60), directory("calm"), null)
                .run(List.of(new Step(List.of(), Duration.ofSeconds(10))).iterator());
        assertThat(report.violations()).as(report.failure()).isEmpty();
        assertThat(report.total("acked")).isGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource
    void sabotageIsFound(Sabotage sabotage) throws Exception {
        assumeTrue(sabotage.isPossible(), "there is nothing yet to be broken by " + sabotage);
        Report report = sabotage.run(directory(sabotage.name()));
        System.out.println(report.markdown());
        assertThat(sabotage.isFoundIn(report))
                .as("%s is found; there were %s", sabotage, report.violations())
                .isTrue();
    }

    private static Path directory(String name) {
        return Path.of("target/faults/" + name).toAbsolutePath();
    }
}
