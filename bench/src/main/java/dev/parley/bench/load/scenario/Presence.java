package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Plot;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.world.Costs;
import dev.parley.bench.load.world.World;
import dev.parley.testing.TestRedis.CommandStat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Connections that watch others of their group: what they cost while nothing changes, and then how soon, how often and at
 * what cost watchers are told of changes of status. Figures of the first part begin with {@code quiet_}. The connections
 * are left alone for a while in between, so that neither their coming nor their first questions are measured.
 */
record Presence() implements Scenario {

    private static final long SETTLING_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LAST_EVENTS_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final double MEGABYTE = 1024 * 1024;

    /** Costs at one moment. */
    private record Look(Costs costs, Map<String, CommandStat> redis) {}

    @Override
    public List<int[]> chats(Options options) {
        return Chats.of(options.watch() + 1, options.connections() / (options.watch() + 1) * (options.watch() + 1));
    }

    @Override
    public Result run(Stage stage) throws Exception {
        Options options = stage.options();
        stage.connectAll();
        watch(stage);
        pass(SETTLING_NANOS);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("connections", (double) options.connections());

        Look before = look(stage);
        pass(TimeUnit.SECONDS.toNanos(options.seconds()));
        costs(figures, "quiet_", before, look(stage), options.seconds());

        long start = System.nanoTime() + LEAD_NANOS;
        long from = start + TimeUnit.SECONDS.toNanos(options.warmup());
        long until = from + TimeUnit.SECONDS.toNanos(options.seconds());
        int count = (int) (options.rate() * (options.warmup() + options.seconds()));
        CompletableFuture<Void> changing = stage.crowd().change(start, options.rate(), count);
        Measurement.sleepUntil(from);
        stage.crowd().ask(() -> {
            stage.crowd().changes().measure();
            return true;
        });
        Look during = look(stage);
        Measurement.sleepUntil(until);
        Look after = look(stage);
        changing.get(1, TimeUnit.MINUTES);
        pass(LAST_EVENTS_NANOS);
        figures.put("rate_per_s", options.rate());
        Histogram latencies = changes(stage, figures);
        costs(figures, "", during, after, options.seconds());
        double changes = options.rate() * options.seconds();
        figures.put("tier_cpu_per_change_us", tiers(during, after) * 1e6 / changes);
        return new Result(
                options.server() + " presence",
                options.settings(),
                figures,
                stage.crowd().notes(),
                List.of(new Plot(
                        "From a change being due to a watcher being told",
                        "nines: 1 is the 90th percentile, 2 the 99th, 3 the 99.9th",
                        "ms",
                        true,
                        List.of(new Plot.Line("", Measurement.byNines(latencies))))));
    }

    private static void watch(Stage stage) throws Exception {
        Options options = stage.options();
        int watchers = options.connections() / (options.watch() + 1) * (options.watch() + 1);
        stage.crowd().watch(watchers, options.watch(), options.connectRate()).get(10, TimeUnit.MINUTES);
        long begin = System.nanoTime();
        while (stage.crowd().watching() < watchers) {
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException(
                        "not everybody watches: " + stage.crowd().notes());
            }
            pass(LEAD_NANOS);
        }
    }

    private static void pass(long nanos) {
        Measurement.sleepUntil(System.nanoTime() + nanos);
    }

    private static Look look(Stage stage) {
        Map<String, Long> processes = new LinkedHashMap<>(stage.world().processes());
        processes.put("generator", ProcessHandle.current().pid());
        return new Look(Costs.of(processes), stage.world().redisCommands());
    }

    private static Histogram changes(Stage stage, Map<String, Double> figures) throws Exception {
        int watchers = stage.options().watch();
        return stage.crowd().ask(() -> {
            var changes = stage.crowd().changes();
            figures.put("changes", (double) changes.measured());
            figures.put("events", (double) changes.events());
            figures.put("events_per_change", changes.events() / (double) Math.max(1, changes.measured()));
            figures.put("lost", (double) changes.missing(watchers));
            figures.put("duplicated", (double) changes.surplus(watchers));
            figures.put("strays", (double) changes.strays());
            Measurement.percentiles(figures, "event", changes.latencies());
            return changes.latencies().copy();
        });
    }

    private static void costs(Map<String, Double> figures, String prefix, Look before, Look after, int seconds) {
        double known = 0;
        for (Map.Entry<String, Double> process :
                after.costs().cpuSince(before.costs()).entrySet()) {
            figures.put(prefix + "cpu_" + process.getKey() + "_cores", process.getValue() / seconds);
            known += process.getValue();
        }
        double machine = after.costs().machineCpuSeconds() - before.costs().machineCpuSeconds();
        figures.put(prefix + "cpu_of_others_on_the_machine_cores", Math.max(0, machine - known) / seconds);
        after.costs()
                .processes()
                .forEach((name, cost) -> figures.put(prefix + "rss_" + name + "_mb", cost.residentBytes() / MEGABYTE));
        double all = 0;
        double micros = 0;
        for (Map.Entry<String, CommandStat> command : after.redis().entrySet()) {
            CommandStat earlier = before.redis().getOrDefault(command.getKey(), new CommandStat(0, 0));
            long calls = command.getValue().calls() - earlier.calls();
            // What a script calls is counted by itself, and its time once more in that of the script.
            if (calls > 0 && !command.getKey().equals("info")) {
                figures.put(prefix + "redis_" + command.getKey() + "_per_s", calls / (double) seconds);
                all += calls;
                micros +=
                        command.getKey().startsWith("eval") ? command.getValue().micros() - earlier.micros() : 0;
            }
        }
        figures.put(prefix + "redis_commands_per_s", all / seconds);
        figures.put(prefix + "redis_scripts_us_per_s", micros / seconds);
    }

    private static double tiers(Look before, Look after) {
        return after.costs().cpuSince(before.costs()).entrySet().stream()
                .filter(process -> process.getKey().startsWith(World.TIER))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
