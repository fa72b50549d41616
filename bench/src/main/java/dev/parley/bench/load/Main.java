package dev.parley.bench.load;

import dev.parley.bench.load.report.Comparison;
import dev.parley.bench.load.report.Report;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.scenario.Options;
import dev.parley.bench.load.scenario.Scenario;
import dev.parley.bench.load.world.FloorWorld;
import dev.parley.bench.load.world.ParleyWorld;
import dev.parley.bench.load.world.ReferenceWorld;
import dev.parley.bench.load.world.RunningWorld;
import dev.parley.bench.load.world.World;
import dev.parley.bench.load.world.WorldSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** {@code bench/load}: see there, or run it without arguments. */
public final class Main {

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");
    private static final int USAGE = 2;

    private final Options options;
    private final Report report;

    private Main(Options options) {
        this.options = options;
        this.report = new Report(options.results());
    }

    public static void main(String[] args) throws Exception {
        Options options;
        Path home = Path.of(System.getProperty("parley.home", "")).toAbsolutePath();
        try {
            options = Options.parse(home, List.of(args));
            var _ = Scenario.named(options.scenario());
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\nbench/load --help shows what there is.");
            System.exit(USAGE);
            return;
        }
        Main main = new Main(options);
        if (options.compare()) {
            main.compare();
        } else {
            main.write(options.scenario() + "-" + options.server(), List.of(main.run(options)));
        }
        // Servers that this process has started end with it.
        System.exit(0);
    }

    /** Both servers in turn, each time in a world of their own, so that what the machine does meanwhile meets both. */
    private void compare() throws Exception {
        List<Result> ofParley = new ArrayList<>();
        List<Result> ofOther = new ArrayList<>();
        for (int i = 1; i <= options.runs(); i++) {
            ofParley.add(run(options.of(Options.PARLEY)).called(Options.PARLEY + " " + i));
            ofOther.add(run(options.of(options.against())).called(options.against() + " " + i));
        }
        Comparison comparison = new Comparison(Options.PARLEY, ofParley, options.against(), ofOther);
        List<Result> all = new ArrayList<>();
        all.add(comparison.summary(options.scenario() + ": medians of " + options.runs() + " runs"));
        all.addAll(ofParley);
        all.addAll(ofOther);
        write(options.scenario() + "-comparison", all);
    }

    private Result run(Options one) throws Exception {
        System.out.println(one.server() + ", " + one.scenario() + " …");
        try (World world = world(one)) {
            Result result = Scenario.named(one.scenario()).run(one, world);
            System.out.println(Report.table(result));
            return result;
        }
    }

    private static World world(Options one) throws Exception {
        if (!one.targets().isEmpty()) {
            return new RunningWorld(one.targets(), one.processes(), one.mongoUri(), System.getenv("JWT_SECRET"));
        }
        WorldSettings settings = new WorldSettings(
                one.home(),
                one.home().resolve("bench/target/world"),
                one.tiers(),
                one.memory(),
                one.persist(),
                one.limits(),
                WorldSettings.newSecret());
        return switch (one.server()) {
            case Options.REFERENCE -> ReferenceWorld.start(settings);
            case Options.FLOOR -> FloorWorld.start(settings);
            default -> ParleyWorld.start(settings);
        };
    }

    private void write(String name, List<Result> results) throws IOException {
        if (results.size() > 1) {
            System.out.println(Report.table(results.getFirst()));
        }
        String stamp = STAMP.format(LocalDateTime.now(ZoneOffset.UTC));
        System.out.println(report.write(stamp + "-" + name, results));
    }
}
