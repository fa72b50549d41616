package dev.parley.bench.load.scenario;

import dev.parley.bench.load.report.Plot;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.world.Costs;
import dev.parley.bench.load.world.LiveHeap;
import dev.parley.bench.load.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Authenticated connections that do nothing: what each costs in memory, as the slope over several steps, and what all of
 * them cost in CPU. In every step the resident size is read before the live heap, because that causes a collection.
 */
record Idle() implements Scenario {

    private static final int STEPS = 4;

    /** What one process may have open leaves room for little more; further ones are those of {@link Companions}. */
    private static final int MOST_IN_ONE_PROCESS = 19_000;

    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final double MEGABYTE = 1024 * 1024;

    @Override
    public List<int[]> chats(Options options) {
        return List.of();
    }

    /** As few processes as can be, each with as many as the others. */
    @Override
    public int clients(Options options) {
        int processes = Math.ceilDiv(options.connections(), MOST_IN_ONE_PROCESS);
        return Math.ceilDiv(options.connections(), processes);
    }

    @Override
    public Result run(Stage stage) throws Exception {
        Options options = stage.options();
        int own = clients(options);
        List<double[]> resident = new ArrayList<>();
        List<double[]> heap = new ArrayList<>();
        int first = stage.connectFirst();
        look(stage, first, resident, heap);
        int connected = first;
        for (int step = 1; step <= STEPS; step++) {
            int next = first + (int) ((long) (own - first) * step / STEPS);
            stage.connectUntil(connected, next);
            connected = next;
            look(stage, connected, resident, heap);
        }
        if (connected == options.connections()) {
            return result(stage, connected, resident, heap);
        }
        try (Companions companions = new Companions(stage)) {
            while (connected < options.connections()) {
                int more = Math.min(own, options.connections() - connected);
                companions.bring(more);
                connected += more;
                look(stage, connected, resident, heap);
            }
            return result(stage, connected, resident, heap);
        }
    }

    private static Result result(Stage stage, int connected, List<double[]> resident, List<double[]> heap)
            throws Exception {
        Options options = stage.options();
        Costs before = Costs.of(stage.world().processes());
        Thread.sleep(Duration.ofSeconds(options.seconds()));
        Map<String, Double> used = Costs.of(stage.world().processes()).cpuSince(before);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("connections", (double) connected);
        figures.put("rss_per_connection_bytes", slope(resident));
        List<Plot> plots = new ArrayList<>();
        plots.add(plot("Resident size of the instances", resident));
        if (!heap.isEmpty()) {
            figures.put("live_heap_per_connection_bytes", slope(heap));
            plots.add(plot("Live heap of the instances", heap));
        }
        figures.put("rss_mb", resident.getLast()[1] / MEGABYTE);
        used.forEach((name, cpu) -> figures.put("cpu_" + name + "_cores", cpu / options.seconds()));
        return new Result(
                options.server() + " idle",
                options.settings(),
                figures,
                stage.crowd().notes(),
                plots);
    }

    private static void look(Stage stage, int connections, List<double[]> resident, List<double[]> heap)
            throws InterruptedException {
        Thread.sleep(SETTLING);
        World world = stage.world();
        Map<String, Long> tiers = new LinkedHashMap<>(world.processes());
        tiers.keySet().removeIf(name -> !name.startsWith(World.TIER));
        if (tiers.isEmpty()) {
            throw new IllegalStateException("no process of an instance is known: name them with --processes");
        }
        double bytes = Costs.of(tiers).processes().values().stream()
                .mapToLong(Costs.Cost::residentBytes)
                .sum();
        resident.add(new double[] {connections, bytes});
        if (world.runsOnJvms()) {
            heap.add(new double[] {
                connections, tiers.values().stream().mapToLong(LiveHeap::bytes).sum()
            });
        }
        System.out.printf("  %,d connections: %,.0f MB resident%n", connections, bytes / MEGABYTE);
    }

    private static Plot plot(String title, List<double[]> bytes) {
        List<double[]> megabytes = bytes.stream()
                .map(point -> new double[] {point[0], point[1] / MEGABYTE})
                .toList();
        return new Plot(title, "connections", "MB", false, List.of(new Plot.Line("", megabytes)));
    }

    /** Of the straight line with the least squares. */
    static double slope(List<double[]> points) {
        double meanX = points.stream().mapToDouble(point -> point[0]).average().orElseThrow();
        double meanY = points.stream().mapToDouble(point -> point[1]).average().orElseThrow();
        double above = 0;
        double below = 0;
        for (double[] point : points) {
            above += (point[0] - meanX) * (point[1] - meanY);
            below += (point[0] - meanX) * (point[0] - meanX);
        }
        return above / below;
    }
}
