package dev.parley.local.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.local.faults.Schedule.Step;
import dev.parley.local.faults.check.Violation.Kind;
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

    private static final Plan PLAN = Plan.parse(
            "--seed", "7", "--rate", "60", "--faults-per-round", "1000", "--redis", "append-only");

    @Test
    void aCalmRunHasNoViolations() throws Exception {
        Report report = new FaultRun(PLAN, directory("calm"), null)
                .run(List.of(new Step(List.of(), Duration.ofSeconds(10))).iterator());
        assertThat(report.violations()).as(report.failure()).isEmpty();
        assertThat(report.total("acked")).isGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource
    void sabotageIsFound(Sabotage sabotage) throws Exception {
        assumeTrue(sabotage.isPossible(), "there is nothing yet to be broken by " + sabotage);
        Path directory = directory(sabotage.name());
        Report report = new FaultRun(PLAN, directory, sabotage.prepare(directory))
                .run(sabotage.steps().iterator());
        System.out.println(report.markdown());
        assertThat(report.violations().keySet().stream().map(Kind::valueOf))
                .as("violations found with " + sabotage)
                .containsAnyElementsOf(switch (sabotage) {
                    case CONFIRM -> List.of(Kind.LOST);
                    case DEDUPE -> List.of(Kind.ACKED_AS_TWO);
                    case REPAIR -> List.of(Kind.MISSING);
                });
    }

    private static Path directory(String name) {
        return Path.of("target/faults/" + name).toAbsolutePath();
    }
}
