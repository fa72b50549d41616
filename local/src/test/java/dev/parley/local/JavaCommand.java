package dev.parley.local;

import dev.parley.testing.Await;
import dev.parley.testing.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * How a Java program is started beside the tests: small, and a deployable from an archive of the classes that it loads
 * (JEP 350), which halves the time until it is ready. It is made by the first start that could use it, in a run without
 * any server, and kept beside the deployable's own JAR until something on its class path changes. Without one everything
 * works as well. Thread-safe.
 */
public final class JavaCommand {

    /** One with which an instance starts. */
    public static final String STRONG_SECRET = "q8Zr3vJx0uY5Lw2Tn7Kc4Bf9Hd6Gm1PsEaRiUoXbVyQk";

    private static final List<String> OPTIONS = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private static final Duration SERVES_WITHIN = Duration.ofSeconds(90);
    private static final long ENDS_WITHIN_SECONDS = 120;
    private static final int PROBE_TIMEOUT_MS = 5_000;

    /** By main class and class path: what has it start from its archive. */
    private static final Map<String, List<String>> ARCHIVES = new ConcurrentHashMap<>();

    private JavaCommand() {}

    /** The command for a program that is started once. */
    public static List<String> of(Class<?> main, String classPath, List<String> arguments) {
        return command(main, classPath, List.of(), arguments);
    }

    /** The command for one of the deployables, as they are started again and again. */
    public static List<String> ofDeployable(Class<?> main, String classPath) {
        List<String> options =
                ARCHIVES.computeIfAbsent(main.getName() + " " + classPath, key -> fromArchive(main, classPath));
        return command(main, classPath, options, List.of());
    }

    private static List<String> command(Class<?> main, String classPath, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(OPTIONS);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        return command;
    }

    private static List<String> fromArchive(Class<?> main, String classPath) {
        List<Path> entries =
                Arrays.stream(classPath.split(File.pathSeparator)).map(Path::of).toList();
        // With directories on it the virtual machine makes none.
        if (!entries.stream().allMatch(Files::isRegularFile)) {
            return List.of();
        }
        try {
            Path archive = archiveFile(main, entries);
            if (!Files.exists(archive)) {
                train(main, classPath, archive);
            }
            return List.of("-XX:SharedArchiveFile=" + archive);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (Exception | AssertionError e) {
            System.out.println(main.getName() + " starts without an archive of its classes: " + e);
            return List.of();
        }
    }

    private static Path archiveFile(Class<?> main, List<Path> entries) throws IOException {
        CRC32 content = new CRC32();
        for (Path entry : entries) {
            String state = entry + " " + Files.size(entry) + " " + Files.getLastModifiedTime(entry);
            content.update(state.getBytes(StandardCharsets.UTF_8));
        }
        content.update((Runtime.version() + " " + OPTIONS).getBytes(StandardCharsets.UTF_8));
        Path directory = ClassPath.locationOf(main).resolveSibling("classes-archive");
        String name = HexFormat.of().toHexDigits((int) content.getValue());
        return Files.createDirectories(directory).resolve(name + ".jsa");
    }

    private static void train(Class<?> main, String classPath, Path archive) throws Exception {
        Path making = archive.resolveSibling(
                archive.getFileName() + "." + ProcessHandle.current().pid());
        Path output = archive.resolveSibling(archive.getFileName() + ".out");
        int port = ServerProcess.freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        command(main, classPath, List.of("-XX:ArchiveClassesAtExit=" + making), List.of()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PORT", Integer.toString(port),
                        "REDIS_URI", "redis://127.0.0.1:1",
                        "RABBITMQ_URI", "amqp://127.0.0.1:1",
                        "MONGODB_URI", "mongodb://127.0.0.1:1/none",
                        "JWT_SECRET", STRONG_SECRET));
        Process process = builder.start();
        try {
            Await.until("it serves, see " + output, SERVES_WITHIN, () -> !process.isAlive() || serves(port));
            // It is made at the end.
            process.destroy();
            if (!process.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS) || !Files.exists(making)) {
                throw new IllegalStateException("it made none, see " + output);
            }
            Files.move(making, archive, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean serves(int port) {
        try {
            HttpURLConnection asked = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/health/liveness")
                    .toURL()
                    .openConnection();
            asked.setConnectTimeout(PROBE_TIMEOUT_MS);
            asked.setReadTimeout(PROBE_TIMEOUT_MS);
            return asked.getResponseCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
