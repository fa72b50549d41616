package dev.parley.bench.load.scenario;

import dev.parley.bench.load.crowd.Arrivals;
import dev.parley.bench.load.report.Plot;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.world.Costs;
import dev.parley.bench.load.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All clients were there once, so that it is not a server that has just started; a tenth of them still is. The others come
 * back, {@code rate} a second: who is let in, who is turned away, and when those are in.
 */
record ConnectStorm() implements Scenario {

    private static final int POINTS = 200;

    /** Until those who have left are forgotten. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    @Override
    public List<int[]> chats(Options options) {
        return List.of();
    }

    @Override
    public Result run(Stage stage) throws Exception {
        Options options = stage.options();
        stage.connectAll();
        int first = options.connections() / 10;
        stage.crowd().leave(first);
        Thread.sleep(SETTLING);
        Costs before = Costs.of(stage.world().processes());
        Arrivals arrivals = stage.crowd().arrive(first, options.connections(), options.rate());
        stage.requireIn(arrivals);
        Costs after = Costs.of(stage.world().processes());
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rate_per_s", options.rate());
        figures.putAll(figures(arrivals));
        double cpu = after.cpuSince(before).entrySet().stream()
                .filter(process -> process.getKey().startsWith(World.TIER))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        figures.put("tier_cpu_per_connection_ms", cpu * 1000 / (options.connections() - first));
        return new Result(
                options.server() + " connect-storm",
                options.settings(),
                figures,
                stage.crowd().notes(),
                List.of(plot(arrivals)));
    }

    static Map<String, Double> figures(Arrivals arrivals) {
        Map<String, Double> figures = new LinkedHashMap<>();
        double all = arrivals.seconds().getLast();
        figures.put("accepted", (double) arrivals.seconds().size());
        figures.put("accepted_per_s", arrivals.seconds().size() / all);
        figures.put("turned_away", (double) arrivals.refusals());
        figures.put("all_in_s", all);
        Measurement.percentiles(figures, "in", arrivals.waits());
        figures.put("clients_turned_away", (double) arrivals.waitsOfRefused().getTotalCount());
        if (arrivals.waitsOfRefused().getTotalCount() > 0) {
            Measurement.percentiles(figures, "in_after_being_turned_away", arrivals.waitsOfRefused());
        }
        return figures;
    }

    static Plot plot(Arrivals arrivals) {
        List<double[]> points = new ArrayList<>();
        List<Double> seconds = arrivals.seconds();
        for (int i = 1; i <= POINTS; i++) {
            int count = (int) ((long) seconds.size() * i / POINTS);
            if (count > 0) {
                points.add(new double[] {seconds.get(count - 1), count});
            }
        }
        return new Plot("Clients that are in", "seconds", "clients", false, List.of(new Plot.Line("", points)));
    }
}
