package dev.parley.local.faults;

import java.nio.file.Path;

/** The long run, as {@code scripts/faults.sh} starts it. Ends with 1 where a promise was not kept. */
final class Faults {

    private Faults() {}

    public static void main(String[] args) throws Exception {
        Plan plan;
        try {
            plan = Plan.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        Path directory = Path.of("local/target/faults/seed-" + plan.seed()).toAbsolutePath();
        Report report = new FaultRun(plan, directory, null).run();
        System.out.println(report.markdown());
        System.out.println("written to " + directory);
        System.exit(report.violations().isEmpty() ? 0 : 1);
    }
}
