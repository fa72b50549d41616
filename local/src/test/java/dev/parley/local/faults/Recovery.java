package dev.parley.local.faults;

import dev.parley.local.faults.Injector.Injected;
import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.world.World;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How soon chat went on after a fault: the first message sent after the fault's start that reaches another user on the
 * other instance, counted from the start; the first such that arrives after its end, counted from the end; and the longest
 * silence between two such arrivals that began before the fault was over.
 */
final class Recovery {

    /** In milliseconds, one entry per fault of the group. */
    record Times(List<Double> fromStart, List<Double> fromEnd, List<Double> silence) {
        Times() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    private record Crossing(long sentAt, long at) {}

    private record Origin(String user, String tier, long at) {}

    private final Map<String, Times> byGroup = new TreeMap<>();

    Map<String, Times> byGroup() {
        return byGroup;
    }

    void add(List<Entry> log, List<Injected> faults) {
        List<Crossing> crossings = crossings(log);
        for (Injected one : faults) {
            Times times = byGroup.computeIfAbsent(one.fault().group(), g -> new Times());
            long last = one.from();
            long silence = 0;
            boolean startSeen = false;
            for (Crossing crossing : crossings) {
                if (crossing.sentAt() < one.from()) {
                    continue;
                }
                if (!startSeen) {
                    startSeen = true;
                    times.fromStart().add((crossing.at() - one.from()) / 1e6);
                }
                silence = Math.max(silence, crossing.at() - last);
                last = crossing.at();
                if (crossing.at() >= one.to()) {
                    times.fromEnd().add((crossing.at() - one.to()) / 1e6);
                    break;
                }
            }
            times.silence().add(silence / 1e6);
        }
    }

    /** Arrivals of a message with another user on another instance than the one it was first sent to, in order. */
    private static List<Crossing> crossings(List<Entry> log) {
        Map<String, Origin> origins = new HashMap<>();
        List<Crossing> crossings = new ArrayList<>();
        for (Entry entry : log) {
            switch (entry) {
                case Entry.Sent sent ->
                    origins.putIfAbsent(sent.key(), new Origin(sent.user(), sent.tier(), sent.at()));
                case Entry.Received received
                when received.effect() == Entry.Effect.NEW -> {
                    Origin origin = origins.get(received.key());
                    if (origin != null
                            && isOther(origin.tier(), received.tier())
                            && !origin.user().equals(received.user())) {
                        crossings.add(new Crossing(origin.at(), received.at()));
                    }
                }
                default -> {}
            }
        }
        return crossings;
    }

    private static boolean isOther(String sent, String received) {
        return World.TIERS.contains(received) && !received.equals(sent);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) / 2);
    }

    static double max(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
}
