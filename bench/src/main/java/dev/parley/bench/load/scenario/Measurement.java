package dev.parley.bench.load.scenario;

import dev.parley.bench.load.ledger.Tally;
import dev.parley.bench.load.ledger.Timings;
import dev.parley.bench.load.report.Plot;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.world.Costs;
import dev.parley.bench.load.world.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Sends at one rate, first to warm up and then to measure, waits for what is still on its way, and adds up. */
final class Measurement {

    /** Time to get everything going before the first message is due. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** When nothing more has come for so long, what is missing is lost. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final double MEGABYTE = 1024 * 1024;

    /** What happens beside the sending. */
    interface Besides {

        /** Called before the first message is due; times are those of {@link System#nanoTime}. */
        void begin(long start, long measuredFrom, long until);
    }

    private final Stage stage;

    Measurement(Stage stage) {
        this.stage = stage;
    }

    Result run(String name, double rate, Besides besides) throws Exception {
        Options options = stage.options();
        long start = System.nanoTime() + LEAD_NANOS;
        long from = start + TimeUnit.SECONDS.toNanos(options.warmup());
        long until = from + TimeUnit.SECONDS.toNanos(options.seconds());
        Tally before = stage.crowd().ask(() -> {
            stage.ledger().measure(from, until);
            return stage.ledger().tally();
        });
        besides.begin(start, from, until);
        CompletableFuture<Void> sending =
                stage.crowd().send(start, rate, (int) (rate * (options.warmup() + options.seconds())));
        sleepUntil(from);
        Costs costsBefore = costs();
        long deliveredBefore = delivered();
        sleepUntil(until);
        Costs costsAfter = costs();
        long delivered = delivered() - deliveredBefore;
        sending.get(10, TimeUnit.MINUTES);
        awaitQuiet();
        Tally tally = stage.crowd().ask(() -> stage.ledger().tally()).minus(before);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rate_per_s", rate);
        count(figures, tally);
        figures.put("deliveries_per_s", delivered / (double) options.seconds());
        Timings timings = stage.ledger().timings();
        percentiles(figures, "delivery", timings.deliveries());
        percentiles(figures, "ack", timings.acknowledgements());
        figures.put("generator_late_p99_ms", timings.lateness().getValueAtPercentile(99) / 1000.0);
        costs(figures, costsBefore, costsAfter, delivered, options.seconds());
        return new Result(name, options.settings(), figures, notes(), plots(timings));
    }

    static void sleepUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private Costs costs() {
        Map<String, Long> processes = new LinkedHashMap<>(stage.world().processes());
        processes.put("generator", ProcessHandle.current().pid());
        return Costs.of(processes);
    }

    private long delivered() throws Exception {
        return stage.crowd().ask(() -> stage.ledger().delivered());
    }

    private void awaitQuiet() throws Exception {
        long begin = System.nanoTime();
        long lastChange = begin;
        long last = -1;
        while (System.nanoTime() - begin < LONGEST_WAIT_NANOS) {
            long now = stage.crowd()
                    .ask(() -> stage.ledger().isComplete()
                            ? Long.MAX_VALUE
                            : stage.ledger().delivered() - stage.ledger().unanswered());
            if (now == Long.MAX_VALUE) {
                return;
            }
            if (now != last) {
                last = now;
                lastChange = System.nanoTime();
            } else if (System.nanoTime() - lastChange > QUIET_NANOS) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void count(Map<String, Double> figures, Tally tally) {
        figures.put("sent", (double) tally.sent());
        figures.put("acknowledged", (double) tally.acknowledged());
        figures.put("refused", (double) tally.refused());
        figures.put("unanswered", (double) tally.unanswered());
        figures.put("delivered", (double) tally.delivered());
        figures.put("lost", (double) tally.lost());
        figures.put("duplicated", (double) tally.duplicated());
        figures.put("out_of_order", (double) tally.disordered());
        figures.put("strays", (double) tally.strays());
    }

    static void percentiles(Map<String, Double> figures, String what, Histogram microseconds) {
        figures.put(what + "_p50_ms", microseconds.getValueAtPercentile(50) / 1000.0);
        figures.put(what + "_p90_ms", microseconds.getValueAtPercentile(90) / 1000.0);
        figures.put(what + "_p99_ms", microseconds.getValueAtPercentile(99) / 1000.0);
        figures.put(what + "_p99.9_ms", microseconds.getValueAtPercentile(99.9) / 1000.0);
        figures.put(what + "_max_ms", microseconds.getMaxValue() / 1000.0);
    }

    private static void costs(Map<String, Double> figures, Costs before, Costs after, long delivered, int seconds) {
        Map<String, Double> used = after.cpuSince(before);
        double tiers = 0;
        double servers = 0;
        double known = 0;
        for (Map.Entry<String, Double> process : used.entrySet()) {
            String name = process.getKey();
            figures.put("cpu_" + name + "_cores", process.getValue() / seconds);
            known += process.getValue();
            if (!name.equals("generator")) {
                servers += process.getValue();
            }
            if (name.startsWith(World.TIER)) {
                tiers += process.getValue();
            }
        }
        if (delivered > 0 && tiers > 0) {
            figures.put("tier_cpu_per_delivery_us", tiers * 1e6 / delivered);
            figures.put("servers_cpu_per_delivery_us", servers * 1e6 / delivered);
        }
        double machine = after.machineCpuSeconds() - before.machineCpuSeconds();
        figures.put("cpu_of_others_on_the_machine_cores", Math.max(0, machine - known) / seconds);
        after.processes().forEach((name, cost) -> figures.put("rss_" + name + "_mb", cost.residentBytes() / MEGABYTE));
    }

    private Map<String, Long> notes() throws Exception {
        Map<String, Long> notes = stage.crowd().notes();
        stage.crowd().events().forEach((event, count) -> notes.put("event " + event, count));
        return notes;
    }

    private static List<Plot> plots(Timings timings) {
        List<double[]> deliveries = new ArrayList<>();
        List<double[]> p99 = new ArrayList<>();
        for (Timings.Second second : timings.seconds()) {
            deliveries.add(new double[] {second.second(), second.deliveries()});
            p99.add(new double[] {second.second(), second.p99Ms()});
        }
        return List.of(
                new Plot(
                        "Delivery latency by percentile",
                        "nines: 1 is the 90th percentile, 2 the 99th, 3 the 99.9th",
                        "ms from when it was due",
                        true,
                        List.of(
                                new Plot.Line("delivery", byNines(timings.deliveries())),
                                new Plot.Line("acknowledgement", byNines(timings.acknowledgements())))),
                new Plot("Deliveries", "second", "per second", false, List.of(new Plot.Line("", deliveries))),
                new Plot("99th percentile of deliveries", "second", "ms", true, List.of(new Plot.Line("", p99))));
    }

    static List<double[]> byNines(Histogram microseconds) {
        List<double[]> points = new ArrayList<>();
        for (double nines = 0; nines <= 4; nines += 0.1) {
            double percentile = 100 * (1 - Math.pow(10, -nines));
            if (microseconds.getTotalCount() * Math.pow(10, -nines) >= 1) {
                points.add(new double[] {nines, microseconds.getValueAtPercentile(percentile) / 1000.0});
            }
        }
        return points;
    }
}
