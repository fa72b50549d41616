package dev.parley.bench.load.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs of two servers, taken in turn: medians of each figure, and the first server's in relation to the second's. */
public record Comparison(String first, List<Result> ofFirst, String second, List<Result> ofSecond) {

    /** The results as one: medians and ratios as figures, the lines of all runs in the same diagrams. */
    public Result summary(String name) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String figure : ofFirst.getFirst().figures().keySet()) {
            double a = median(ofFirst, figure);
            figures.put(first + "." + figure, a);
            if (ofSecond.getFirst().figures().containsKey(figure)) {
                double b = median(ofSecond, figure);
                figures.put(second + "." + figure, b);
                if (a != 0 && b != 0) {
                    figures.put("ratio." + figure, a / b);
                }
            }
        }
        Map<String, Long> notes = new TreeMap<>();
        for (Result result : all()) {
            result.notes().forEach((note, count) -> notes.merge(result.name() + ": " + note, count, Long::sum));
        }
        return new Result(name, ofFirst.getFirst().settings(), figures, notes, plots());
    }

    private List<Result> all() {
        List<Result> all = new ArrayList<>(ofFirst);
        all.addAll(ofSecond);
        return all;
    }

    private static double median(List<Result> results, String figure) {
        double[] sorted = results.stream()
                .filter(result -> result.figures().containsKey(figure))
                .mapToDouble(result -> result.figure(figure))
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private List<Plot> plots() {
        Map<String, Plot> byTitle = new LinkedHashMap<>();
        for (Result result : all()) {
            for (Plot plot : result.plots()) {
                byTitle.merge(plot.title(), plot.of(result.name()), (before, more) -> {
                    List<Plot.Line> lines = new ArrayList<>(before.lines());
                    lines.addAll(more.lines());
                    return new Plot(before.title(), before.x(), before.y(), before.logarithmic(), lines);
                });
            }
        }
        return List.copyOf(byTitle.values());
    }
}
