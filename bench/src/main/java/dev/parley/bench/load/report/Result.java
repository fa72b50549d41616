package dev.parley.bench.load.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run ended with.
 *
 * @param settings what it was made with
 * @param figures by name, which ends with the unit
 * @param notes what went wrong or was remarkable, by kind
 */
public record Result(
        String name,
        Map<String, String> settings,
        Map<String, Double> figures,
        Map<String, Long> notes,
        List<Plot> plots) {

    /** A figure that must be there. */
    public double figure(String figure) {
        Double value = figures.get(figure);
        if (value == null) {
            throw new IllegalArgumentException(name + " has no " + figure);
        }
        return value;
    }

    public Result called(String other) {
        return new Result(other, settings, figures, notes, plots);
    }

    /** With more figures behind its own. */
    public Result with(Map<String, Double> more, List<Plot> morePlots) {
        Map<String, Double> all = new LinkedHashMap<>(figures);
        all.putAll(more);
        List<Plot> allPlots = new java.util.ArrayList<>(plots);
        allPlots.addAll(morePlots);
        return new Result(name, settings, all, notes, allPlots);
    }
}
