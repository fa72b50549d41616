package dev.parley.local.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void theSameSeedGivesTheSameSchedule() {
        assertThat(steps(7, 50)).isEqualTo(steps(7, 50)).isNotEqualTo(steps(8, 50));
    }

    @Test
    void onePassHasEveryKindOfFaultAndSomeComeInPairs() {
        int groups = new Schedule(7).groups();
        List<Schedule.Step> steps = steps(7, groups);
        Set<Fault.Kind> kinds = new HashSet<>();
        steps.forEach(step -> step.faults().forEach(fault -> kinds.add(fault.kind())));
        assertThat(kinds).containsExactlyInAnyOrder(Fault.Kind.values());
        assertThat(steps).anyMatch(step -> step.faults().size() == 2);
        assertThat(groups).isBetween(15, 25);
    }

    private static List<Schedule.Step> steps(long seed, int count) {
        Schedule schedule = new Schedule(seed);
        List<Schedule.Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(schedule.next());
        }
        return steps;
    }
}
