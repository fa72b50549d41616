package dev.parley.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server of this machine, run as a child of the test; its output goes to {@code server.log}. */
public final class ServerProcess {

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /** Starts it in {@code directory}; it ends with this JVM at the latest. */
    public static ServerProcess start(Path directory, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("server.log").toFile()));
            builder.environment().putAll(environment);
            ServerProcess server = new ServerProcess(builder.start());
            Runtime.getRuntime().addShutdownHook(new Thread(server::kill));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.getFirst(), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it and what it has started with SIGKILL; returns when all of them are gone. */
    public void kill() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle one : all) {
            var _ = one.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    /** SIGSTOP: it and what it has started stand still, with their connections open. */
    void pause() {
        signal("-STOP");
    }

    /** SIGCONT. */
    void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        List<String> command = Stream.concat(
                        Stream.of("kill", signal),
                        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                                .map(one -> Long.toString(one.pid())))
                .toList();
        output(command.toArray(String[]::new));
    }

    /** The binary of that name on the PATH. */
    static Optional<Path> binary(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                .map(directory -> Path.of(directory).resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** What a command prints, at most ten seconds later. */
    public static String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(Duration.ofSeconds(10))) {
                process.destroyForcibly();
            }
            return text.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(command[0], e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory that is deleted when this JVM ends. */
    static Path temporaryDirectory(String name) {
        try {
            Path directory = Files.createTempDirectory("parley-" + name + "-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> inside = Files.walk(directory)) {
            inside.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // A server that is still ending removes its own files meanwhile; the rest is the system's to clean.
            System.out.println("left behind: " + directory);
        }
    }
}
