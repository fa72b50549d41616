package dev.parley.bench.load.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What processes have used of the machine so far, from {@code /proc}; there is nothing where there is no {@code /proc}.
 *
 * @param processes by name
 * @param machineCpuSeconds what the whole machine was busy
 */
public record Costs(Map<String, Cost> processes, double machineCpuSeconds) {

    /** Of one process. */
    public record Cost(double cpuSeconds, long residentBytes) {}

    /** What Linux shows times in, on all platforms that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    /** Looks now. */
    public static Costs of(Map<String, Long> pids) {
        Map<String, Cost> costs = new LinkedHashMap<>();
        pids.forEach((name, pid) -> {
            try {
                costs.put(name, new Cost(cpuSeconds(pid), residentBytes(pid)));
            } catch (NoSuchFileException gone) {
                // A process that has ended costs nothing any more; that it did shows in what was lost.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new Costs(costs, machineNow());
    }

    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        // Fields are counted behind the name, which may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
    }

    private static long residentBytes(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    private static double machineNow() {
        Path stat = Path.of("/proc/stat");
        if (!Files.exists(stat)) {
            return 0;
        }
        try {
            String[] fields = Files.readAllLines(stat).getFirst().split(" +");
            // user, nice, system; then idle and iowait, which are none; then irq, softirq and steal.
            long ticks = 0;
            for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** CPU of each process since an earlier look. */
    public Map<String, Double> cpuSince(Costs before) {
        Map<String, Double> used = new LinkedHashMap<>();
        processes.forEach((name, cost) -> {
            Cost earlier = before.processes.get(name);
            used.put(name, cost.cpuSeconds() - (earlier == null ? 0 : earlier.cpuSeconds()));
        });
        return used;
    }
}
