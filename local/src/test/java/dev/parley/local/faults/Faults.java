package dev.parley.local.faults;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The long run, as {@code scripts/faults.sh} starts it. Ends with 1 where a promise was not kept; with {@code --sabotage
 * confirm|dedupe|repair}, where the broken promise was not noticed.
 */
final class Faults {

    private Faults() {}

    public static void main(String[] args) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(args));
        String sabotage = "";
        Plan plan;
        try {
            int at = arguments.indexOf("--sabotage");
            if (at >= 0 && at + 1 < arguments.size()) {
                sabotage = arguments.remove(at + 1);
                arguments.remove(at);
            }
            plan = Plan.parse(arguments.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        String name = sabotage.isEmpty() ? "seed-" + plan.seed() : sabotage;
        Path directory = Path.of("local/target/faults", name).toAbsolutePath();
        boolean asPromised;
        if (sabotage.isEmpty()) {
            Report report = new FaultRun(plan, directory, null).run();
            System.out.println(report.markdown());
            asPromised = report.violations().isEmpty();
        } else {
            Sabotage chosen = Sabotage.valueOf(sabotage.toUpperCase(Locale.ROOT));
            Report report = chosen.run(directory);
            System.out.println(report.markdown());
            asPromised = chosen.isFoundIn(report);
            System.out.println(chosen + (asPromised ? " was found" : " was NOT found"));
        }
        System.out.println("written to " + directory);
        System.exit(asPromised ? 0 : 1);
    }
}
