package dev.parley.local.faults;

import dev.parley.local.faults.Injector.Injected;
import dev.parley.local.faults.check.Entry;
import dev.parley.local.faults.check.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Sums up the rounds of a run: for people in Markdown, for programs in JSON. */
final class Report {

    private static final int MOST_STORIES_PER_KIND = 5;

    private final Plan plan;
    private final Map<String, Number> totals = new LinkedHashMap<>();
    private final Map<String, Integer> faults = new TreeMap<>();
    private final Map<String, Integer> violations = new TreeMap<>();
    private final Recovery recovery = new Recovery();
    private final List<String> stories = new ArrayList<>();
    private final List<String> schedule = new ArrayList<>();
    private String lastRound = "";

    Report(Plan plan) {
        this.plan = plan;
    }

    void add(Round.Result result, int endedByThemselves) {
        List<Entry> log = result.settled().evidence().log();
        Map<String, Number> round = counts(result, log);
        round.forEach((name, value) -> totals.merge(name, value, Report::combined));
        totals.put("ended by themselves", endedByThemselves);
        totals.merge("rounds", 1L, Report::combined);
        for (Injected one : result.faults()) {
            faults.merge(one.fault().group(), 1, Integer::sum);
            schedule.add(one.toString());
        }
        recovery.add(log, result.faults());
        Map<Violation.Kind, Integer> found = new TreeMap<>();
        for (Violation violation : result.settled().violations()) {
            violations.merge(violation.kind().name(), 1, Integer::sum);
            if (found.merge(violation.kind(), 1, Integer::sum) <= MOST_STORIES_PER_KIND) {
                stories.add(Story.of(violation, log));
            }
        }
        lastRound = "round: " + round + ", violations " + found;
    }

    /** Counts add up; of times, which have fractions, the worst round stands. */
    private static Number combined(Number sum, Number next) {
        if (next instanceof Double) {
            return Math.max(sum.doubleValue(), next.doubleValue());
        }
        return sum.longValue() + next.longValue();
    }

    private static Map<String, Number> counts(Round.Result result, List<Entry> log) {
        Set<String> acked = new HashSet<>();
        long refusals = 0;
        long received = 0;
        long duplicates = 0;
        long otherSeqs = 0;
        long retractions = 0;
        for (Entry entry : log) {
            switch (entry) {
                case Entry.Sent sent -> {}
                case Entry.Acked one -> acked.add(one.key());
                case Entry.Refused refused -> refusals++;
                case Entry.Received one -> {
                    received++;
                    duplicates += one.effect() == Entry.Effect.DUPLICATE ? 1 : 0;
                    otherSeqs += one.effect() == Entry.Effect.OTHER_SEQ ? 1 : 0;
                }
                case Entry.Retracted one -> retractions++;
                case Entry.Noted noted -> {}
            }
        }
        Map<String, Number> counts = new LinkedHashMap<>();
        counts.put("faults", (long) result.faults().size());
        counts.put("offered", result.offered());
        counts.put("acked", (long) acked.size());
        counts.put("refusals", refusals);
        counts.put("resends", result.counts().resends());
        counts.put("not sent, outbox full", result.counts().dropped());
        counts.put("received", received);
        counts.put("duplicates received", duplicates);
        counts.put("received at another seq", otherSeqs);
        counts.put("retractions received", retractions);
        counts.put("reconnects", result.counts().reconnects());
        counts.put("resyncs", result.counts().resyncs());
        counts.put("gaps asked for", result.counts().syncs());
        counts.put("dead letters", (long) result.settled().queued().dead());
        counts.put("talked s", result.talkedNanos() / 1_000_000_000L);
        counts.put("ack p50 ms", rounded(result.counts().ackP50Ms()));
        counts.put("ack p99 ms", rounded(result.counts().ackP99Ms()));
        counts.put("settled s", rounded(result.settled().nanos() / 1e9));
        return counts;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    String lastRound() {
        return lastRound;
    }

    Map<String, Integer> violations() {
        return violations;
    }

    long total(String name) {
        return totals.getOrDefault(name, 0L).longValue();
    }

    /** Everything that is needed to look into a failure. */
    String failure() {
        return "seed " + plan.seed() + ", violations " + violations + "\n\nschedule\n" + String.join("\n", schedule)
                + "\n\n" + String.join("\n\n", stories);
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("result.json"), json());
        Files.writeString(directory.resolve("result.md"), markdown());
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Fault run, seed " + plan.seed() + "\n\n| | |\n|---|---|\n");
        totals.forEach((name, value) ->
                text.append("| ").append(name).append(" | ").append(value).append(" |\n"));
        text.append("| violations | ")
                .append(violations.isEmpty() ? "none" : violations)
                .append(" |\n\n");
        text.append("Milliseconds, median / max: from the fault's start until a message sent after it reached another"
                + " instance; from its end; and the longest silence between instances.\n\n");
        text.append("| fault | times | from start | from end | silence |\n|---|---|---|---|---|\n");
        recovery.byGroup()
                .forEach((group, times) -> text.append("| %s | %d | %s | %s | %s |%n"
                        .formatted(
                                group,
                                faults.getOrDefault(group, 0),
                                medianAndMax(times.fromStart()),
                                medianAndMax(times.fromEnd()),
                                medianAndMax(times.silence()))));
        if (!stories.isEmpty()) {
            text.append("\n```\n").append(failure()).append("\n```\n");
        }
        return text.toString();
    }

    private static String medianAndMax(List<Double> values) {
        return values.isEmpty()
                ? "never"
                : String.format(Locale.ROOT, "%.0f / %.0f", Recovery.median(values), Recovery.max(values));
    }

    private String json() {
        List<String> recoveries = new ArrayList<>();
        recovery.byGroup()
                .forEach((group, times) -> recoveries.add(String.format(
                        Locale.ROOT,
                        "\"%s\": {\"times\": %d, \"fromStartMs\": %s, \"fromEndMs\": %s, \"silenceMs\": %s}",
                        group,
                        faults.getOrDefault(group, 0),
                        pair(times.fromStart()),
                        pair(times.fromEnd()),
                        pair(times.silence()))));
        return "{\"seed\": %d,%n \"totals\": %s,%n \"violations\": %s,%n \"recovery\": {%s}}%n"
                .formatted(plan.seed(), object(totals), object(violations), String.join(",\n  ", recoveries));
    }

    private static String pair(List<Double> values) {
        return values.isEmpty()
                ? "null"
                : String.format(
                        Locale.ROOT,
                        "{\"median\": %.1f, \"max\": %.1f}",
                        Recovery.median(values),
                        Recovery.max(values));
    }

    private static String object(Map<String, ? extends Number> numbers) {
        List<String> fields = new ArrayList<>();
        numbers.forEach((name, value) -> fields.add("\"" + name + "\": " + value));
        return "{" + String.join(", ", fields) + "}";
    }
}
