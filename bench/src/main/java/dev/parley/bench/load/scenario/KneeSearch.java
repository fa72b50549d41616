package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Plot;
import dev.parley.bench.load.report.Report;
import dev.parley.bench.load.report.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Raises the rate until the 99th percentile of deliveries is above the bound, or something is lost or
 * refused. A rate has failed when it failed twice in a row, so that one hiccup of the machine does not decide.
 */
final class KneeSearch {

    private static final double GROWTH = 1.25;
    private static final int MOST_STEPS = 40;

    private final Stage stage;
    private final List<double[]> p99 = new ArrayList<>();
    private final List<double[]> cpu = new ArrayList<>();

    KneeSearch(Stage stage) {
        this.stage = stage;
    }

    Result run() throws Exception {
        Options options = stage.options();
        String name = options.server() + " " + options.scenario() + " knee";
        double rate = options.rate();
        @Nullable Result best = null;
        Result last = twiceAtMost(name, rate);
        for (int step = 1; step < MOST_STEPS && holds(last); step++) {
            best = last;
            rate *= GROWTH;
            last = twiceAtMost(name, rate);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("knee_rate_per_s", best == null ? 0 : best.figure("rate_per_s"));
        figures.put("knee_deliveries_per_s", best == null ? 0 : best.figure("deliveries_per_s"));
        figures.put("failed_at_rate_per_s", rate);
        figures.put("failed_with_p99_ms", last.figure("delivery_p99_ms"));
        figures.put("failed_with_lost", last.figure("lost"));
        (best == null ? last : best).figures().forEach(figures::putIfAbsent);
        return new Result(
                name,
                options.settings(),
                figures,
                last.notes(),
                List.of(
                        new Plot(
                                "99th percentile by rate",
                                "deliveries per second",
                                "ms from when it was due",
                                true,
                                List.of(new Plot.Line("", p99))),
                        new Plot(
                                "CPU of the instances by rate",
                                "deliveries per second",
                                "µs per delivery",
                                false,
                                List.of(new Plot.Line("", cpu)))));
    }

    private Result twiceAtMost(String name, double rate) throws Exception {
        Result first = measure(name, rate);
        return holds(first) ? first : measure(name, rate);
    }

    private Result measure(String name, double rate) throws Exception {
        Result result = new Measurement(stage).run(name, rate, (start, from, until) -> {});
        double deliveries = result.figure("deliveries_per_s");
        p99.add(new double[] {deliveries, result.figure("delivery_p99_ms")});
        Double perDelivery = result.figures().get("tier_cpu_per_delivery_us");
        if (perDelivery != null) {
            cpu.add(new double[] {deliveries, perDelivery});
        }
        System.out.println("  " + summary(result) + (holds(result) ? "" : "   above the knee"));
        return result;
    }

    private static String summary(Result result) {
        return String.format(
                "%,10.1f/s sent %,12.0f/s delivered   p50 %s ms   p99 %s ms   lost %s   duplicated %s   out of order %s",
                result.figure("rate_per_s"),
                result.figure("deliveries_per_s"),
                Report.text(result.figure("delivery_p50_ms")),
                Report.text(result.figure("delivery_p99_ms")),
                Report.text(result.figure("lost")),
                Report.text(result.figure("duplicated")),
                Report.text(result.figure("out_of_order")));
    }

    /** Order is told, but does not end the search: a server that never promised it would have no knee at all. */
    private boolean holds(Result result) {
        return result.figure("delivery_p99_ms") <= stage.options().mostP99Ms()
                && result.figure("lost") == 0
                && result.figure("refused") == 0
                && result.figure("unanswered") == 0;
    }
}
