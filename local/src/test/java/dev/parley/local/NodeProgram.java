package dev.parley.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Programs under {@code src/test/node}, run by {@code node} with the packages that their lock file names. */
final class NodeProgram {

    private static final Path MODULE =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path SOURCES = MODULE.resolve("src/test/node");
    private static final Path HOME = MODULE.resolve("target/node");
    private static final String LOCK = "package-lock.json";

    private NodeProgram() {}

    /** Copies the programs to where they run and installs their packages, unless those of this lock file are there. */
    static void install() throws IOException, InterruptedException {
        Files.createDirectories(HOME);
        Path installed = HOME.resolve("node_modules/" + LOCK);
        boolean current = Files.exists(installed) && Files.mismatch(SOURCES.resolve(LOCK), installed) < 0;
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, HOME.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (!current) {
            run(Duration.ofMinutes(3), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            Files.copy(HOME.resolve(LOCK), installed);
        }
    }

    /** What the program wrote to standard output; anything but success within the time fails the test. */
    static String run(String program, String json, Duration atMost) throws IOException, InterruptedException {
        return run(atMost, "node", program, json);
    }

    private static String run(Duration atMost, String... command) throws IOException, InterruptedException {
        // Files instead of pipes: nobody has to read while it runs.
        Path output = Files.createTempFile(HOME, "out", ".txt");
        Path errors = Files.createTempFile(HOME, "err", ".txt");
        String name = command[0] + " " + command[1];
        try {
            Process process = start(command, output, errors);
            if (!process.waitFor(atMost)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(name + " hangs: " + Files.readString(errors));
            }
            if (process.exitValue() != 0) {
                List<String> said = new ArrayList<>(Files.readAllLines(errors));
                said.addFirst(name + " ended with " + process.exitValue());
                throw new AssertionError(String.join(System.lineSeparator(), said));
            }
            return Files.readString(output);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    private static Process start(String[] command, Path output, Path errors) {
        try {
            return new ProcessBuilder(command)
                    .directory(HOME.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("no " + command[0] + " here: install Node.js 20 or later with npm", e);
        }
    }
}
