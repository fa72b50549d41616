package dev.parley.bench.load.report;

import java.util.List;

/** A diagram of lines. {@code logarithmic} is about the vertical axis. */
public record Plot(String title, String x, String y, boolean logarithmic, List<Line> lines) {

    /** A line through points of two numbers. */
    public record Line(String name, List<double[]> points) {}

    /** The same diagram with every line called by the run that it is of. */
    Plot of(String run) {
        return new Plot(
                title,
                x,
                y,
                logarithmic,
                lines.stream()
                        .map(line -> new Line(run + (lines.size() == 1 ? "" : " " + line.name()), line.points()))
                        .toList());
    }
}
