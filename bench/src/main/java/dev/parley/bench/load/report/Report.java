package dev.parley.bench.load.report;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes results: a table for the terminal, JSON for programs, and a page that needs nothing but itself. */
public final class Report {

    private static final String PAGE = "page.html";

    /** Stands in the page where the data belongs. */
    private static final String PLACE = "/*RESULTS*/ []";

    private final Path directory;

    public Report(Path directory) {
        this.directory = directory;
    }

    /** Writes {@code name.json} and {@code name.html}; the first result is the one that sums up. */
    public Path write(String name, List<Result> results) throws IOException {
        Files.createDirectories(directory);
        String json = new String(
                Json.standalone()
                        .bytes(JsonNode.createArrayNode(
                                results.stream().map(Report::tree).toList())),
                StandardCharsets.UTF_8);
        Files.writeString(directory.resolve(name + ".json"), json);
        Path page = directory.resolve(name + ".html");
        // A result can not end the script that it stands in.
        Files.writeString(page, page().replace(PLACE, json.replace("<", "\\u003c")));
        return page;
    }

    private static String page() throws IOException {
        try (InputStream page = Report.class.getResourceAsStream(PAGE)) {
            if (page == null) {
                throw new IOException(PAGE + " is missing on the class path");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static JsonNode tree(Result result) {
        Map<String, JsonNode> settings = new LinkedHashMap<>();
        result.settings().forEach((name, value) -> settings.put(name, JsonNode.createStringNode(value)));
        Map<String, JsonNode> figures = new LinkedHashMap<>();
        result.figures().forEach((name, value) -> figures.put(name, number(value)));
        Map<String, JsonNode> notes = new LinkedHashMap<>();
        result.notes().forEach((what, count) -> notes.put(what, JsonNode.createNumberNode(count)));
        Map<String, JsonNode> tree = new LinkedHashMap<>();
        tree.put("name", JsonNode.createStringNode(result.name()));
        tree.put("settings", JsonNode.createObjectNode(settings));
        tree.put("figures", JsonNode.createObjectNode(figures));
        tree.put("notes", JsonNode.createObjectNode(notes));
        tree.put(
                "plots",
                JsonNode.createArrayNode(
                        result.plots().stream().map(Report::tree).toList()));
        return JsonNode.createObjectNode(tree);
    }

    private static JsonNode tree(Plot plot) {
        Map<String, JsonNode> tree = new LinkedHashMap<>();
        tree.put("title", JsonNode.createStringNode(plot.title()));
        tree.put("x", JsonNode.createStringNode(plot.x()));
        tree.put("y", JsonNode.createStringNode(plot.y()));
        tree.put("logarithmic", JsonNode.createBooleanNode(plot.logarithmic()));
        tree.put(
                "lines",
                JsonNode.createArrayNode(plot.lines().stream().map(Report::tree).toList()));
        return JsonNode.createObjectNode(tree);
    }

    private static JsonNode tree(Plot.Line line) {
        List<JsonNode> points = new ArrayList<>();
        for (double[] point : line.points()) {
            points.add(JsonNode.createArrayNode(List.of(number(point[0]), number(point[1]))));
        }
        return JsonNode.createObjectNode(
                Map.of("name", JsonNode.createStringNode(line.name()), "points", JsonNode.createArrayNode(points)));
    }

    private static JsonNode number(double value) {
        return Double.isFinite(value)
                ? JsonNode.createNumberNode(Math.round(value * 1000) / 1000.0)
                : JsonNode.nullNode();
    }

    /** Figures and notes of a result, one per line. */
    public static String table(Result result) {
        StringBuilder table = new StringBuilder("\n").append(result.name()).append('\n');
        int width = result.figures().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        result.figures()
                .forEach((name, value) ->
                        table.append("  %%-%ds  %%14s%n".formatted(width).formatted(name, text(value))));
        result.notes().forEach((what, count) -> table.append("  %,d × %s%n".formatted(count, what)));
        return table.toString();
    }

    /** A number for people. */
    public static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%,d", (long) value)
                : String.format(Locale.ROOT, "%,.3f", value);
    }
}
