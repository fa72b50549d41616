package dev.parley.bench.load.world;

import dev.parley.testing.ServerProcess;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is alive in the heap of a JVM of the same user, after a full collection that the question causes. */
public final class LiveHeap {

    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private LiveHeap() {}

    public static long bytes(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String histogram = ServerProcess.output(jcmd, Long.toString(pid), "GC.class_histogram");
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("process " + pid + " does not tell of its heap: " + histogram);
        }
        return Long.parseLong(total.group(1));
    }
}
