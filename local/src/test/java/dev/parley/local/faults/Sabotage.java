package dev.parley.local.faults;

import dev.parley.local.faults.Schedule.Step;
import dev.parley.local.faults.check.Violation.Kind;
import dev.parley.local.faults.world.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A server broken on purpose, to show that the checker notices: one file of the real source is patched with few words,
 * compiled where it is code, and put at the front of the instances' class path. A patch whose words are no longer in the
 * source fails with a message that says so.
 */
enum Sabotage {
    /** A publication counts as confirmed as soon as it is handed over: what was not written yet is lost. */
    CONFIRM(
            "connectors/src/main/java/dev/parley/rabbit/ConfirmingPublisher.java",
            "confirmed, deadline);",
            "confirmed, deadline); confirmed.complete(null);",
            60,
            Set.of(Kind.LOST)) {
        @Override
        List<Step> steps() {
            // What the instances write meanwhile is on its way to the broker when the link breaks.
            return repeated(
                    6,
                    new Fault(Fault.Kind.SILENCE, "tier-1->" + World.RABBIT, Duration.ofSeconds(2)),
                    new Fault(Fault.Kind.SILENCE, "tier-2->" + World.RABBIT, Duration.ofSeconds(2)));
        }
    },
    /** An earlier send of the same message is not found: a resend becomes a second message, or gets a second place. */
    DEDUPE(
            "connectors/src/main/resources/parley/redis/append.lua",
            "local known = redis.call('GET', KEYS[3])",
            "local known = false",
            60,
            Set.of(Kind.ACKED_AS_TWO, Kind.ACK_SEQ_DIFFERS)) {
        @Override
        List<Step> steps() {
            // Resends over two instances need no fault to be found out; with one there are more of them.
            return repeated(2, new Fault(Fault.Kind.CUT, "clients->" + World.TIERS.getFirst(), Duration.ofSeconds(1)));
        }
    },
    /** A room is not repaired after its subscription was interrupted: who was connected throughout misses messages. */
    REPAIR(
            "socket-tier/src/main/java/dev/parley/tier/room/RoomRepair.java",
            "turn.missed.complete(missed);",
            "turn.missed.complete(new Missed(java.util.List.of(), java.util.List.of(), java.util.List.of(), false, 0, 0, true));",
            20,
            Set.of(Kind.MISSING)) {
        @Override
        List<Step> steps() {
            // Nobody says anything behind it: else the next message would tell that one before it is missing.
            return List.of(new Step(
                    List.of(new Fault(
                            Fault.Kind.CUT, World.TIERS.getFirst() + "->" + World.REDIS, Duration.ofSeconds(4))),
                    Duration.ZERO));
        }
    };

    private final String source;
    private final String words;
    private final String replacement;
    private final int perSecond;
    private final Set<Kind> found;

    Sabotage(String source, String words, String replacement, int perSecond, Set<Kind> found) {
        this.source = source;
        this.words = words;
        this.replacement = replacement;
        this.perSecond = perSecond;
        this.found = found;
    }

    /** One round, in which Redis keeps its data, with as many faults as there are steps. */
    static Plan plan(int perSecond) {
        return Plan.parse(
                "--seed",
                "7",
                "--rate",
                Integer.toString(perSecond),
                "--faults-per-round",
                "1000",
                "--redis",
                "append-only");
    }

    /** Runs the broken instances in a directory of their own. */
    Report run(Path directory) throws Exception {
        return new FaultRun(plan(perSecond), directory, prepare(directory)).run(steps().iterator());
    }

    /** Whether the run shows one of those violations that this must lead to. */
    boolean isFoundIn(Report report) {
        return found.stream().anyMatch(kind -> report.violations().containsKey(kind.name()));
    }

    /** The faults that bring it to light. */
    abstract List<Step> steps();

    private static List<Step> repeated(int times, Fault... faults) {
        return Collections.nCopies(times, new Step(List.of(faults), Duration.ofSeconds(2)));
    }

    /** Whether there is something to break. */
    boolean isPossible() throws IOException {
        return Files.exists(projectRoot().resolve(source));
    }

    /** Fills the directory with what comes first on the class path of the instances. */
    private Path prepare(Path directory) throws IOException {
        Path original = projectRoot().resolve(source);
        String text = Files.readString(original);
        int at = text.indexOf(words);
        if (at < 0 || text.indexOf(words, at + 1) >= 0) {
            throw new IllegalStateException("the patch of " + this + " no longer applies: '" + words
                    + "' is not exactly once in " + source + ". Choose other words.");
        }
        String patched = text.replace(words, replacement);
        Path classes = Files.createDirectories(directory.resolve("classes"));
        if (source.endsWith(".java")) {
            Path file = directory.resolve(original.getFileName());
            Files.writeString(file, patched);
            compile(file, classes);
        } else {
            Path resource = classes.resolve(source.replaceFirst("^.*/src/main/resources/", ""));
            Files.createDirectories(resource.getParent());
            Files.writeString(resource, patched);
        }
        return classes;
    }

    private void compile(Path file, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            // Without processors: what they generated from the original stays in place and fits.
            List<String> options = List.of(
                    "-proc:none",
                    "-nowarn",
                    "-parameters",
                    "-d",
                    classes.toString(),
                    "-cp",
                    System.getProperty("java.class.path"));
            if (!compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(file))
                    .call()) {
                throw new IllegalStateException("the patched source of " + this + " does not compile: " + file);
            }
        }
    }

    /** Up from where the tests run, the directory that has all modules. */
    private static Path projectRoot() {
        return Stream.iterate(Path.of("").toAbsolutePath(), path -> path != null, Path::getParent)
                .filter(path -> Files.isDirectory(path.resolve("socket-tier/src/main")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("not run inside of the project"));
    }
}
