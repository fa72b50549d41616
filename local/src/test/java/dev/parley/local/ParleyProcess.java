package dev.parley.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Await;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@link Main} as a process of its own, as {@code ./parley} starts it. */
final class ParleyProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern PAGE = Pattern.compile("(http://localhost:\\d+)/   as (\\w+)   password (\\S+)");
    private static final List<String> FROM_OUTSIDE =
            List.of("REDIS_URI", "RABBITMQ_URI", "MONGODB_URI", "JWT_SECRET", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

    /** A line of the greeting. */
    record Page(String address, String name, String password) {}

    /** How it ended. */
    record End(int code, List<String> errors) {}

    private final Process process;
    private final Path output;
    private final Path errors;

    private ParleyProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    static ParleyProcess start(Map<String, String> environment, String... arguments) throws IOException {
        Path output = Files.createTempFile("parley", ".out");
        Path errors = Files.createTempFile("parley", ".err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        FROM_OUTSIDE.forEach(builder.environment()::remove);
        builder.environment().put("LOG_LEVEL", "WARN");
        builder.environment().putAll(environment);
        return new ParleyProcess(builder.start(), output, errors);
    }

    /** What {@code ./parley} uses: nothing of the tests is on it. */
    private static String classPath() throws IOException {
        Path target =
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");
        String libraries = Files.readString(target.resolve("class-path"));
        return target.resolve("classes") + ":" + libraries.replaceAll("/target/[^:/]*[.]jar", "/target/classes");
    }

    /** Waits for the greeting and returns what it invites to. */
    List<Page> awaitGreeting() throws Exception {
        Await.until("the greeting", PATIENCE, () -> {
            assertThat(process.isAlive())
                    .as("%s%n%s", Files.readString(output), Files.readString(errors))
                    .isTrue();
            return Files.readString(output).contains("Ctrl-C ends it.");
        });
        List<Page> pages = new ArrayList<>();
        Matcher line = PAGE.matcher(Files.readString(output));
        while (line.find()) {
            pages.add(new Page(line.group(1), line.group(2), line.group(3)));
        }
        return pages;
    }

    /** Waits until it ends by itself. */
    End awaitEnd() throws IOException, InterruptedException {
        assertThat(process.waitFor(PATIENCE)).as("it ends").isTrue();
        return new End(process.exitValue(), Files.readAllLines(errors));
    }

    /** Asks it to end, as Ctrl-C and every supervisor do, and waits until it and its children are gone. */
    End terminate() throws Exception {
        List<ProcessHandle> children = redisServers();
        process.destroy();
        End end = awaitEnd();
        awaitGone(children);
        return end;
    }

    /** SIGKILL to the process alone; returns when its children have noticed. */
    void kill() throws Exception {
        List<ProcessHandle> children = redisServers();
        process.destroyForcibly();
        var unused = awaitEnd();
        awaitGone(children);
    }

    private List<ProcessHandle> redisServers() {
        List<ProcessHandle> servers = process.descendants()
                .filter(child -> child.info().command().orElse("").contains("redis"))
                .toList();
        assertThat(servers).as("servers of its own").hasSize(1);
        return servers;
    }

    private static void awaitGone(List<ProcessHandle> children) throws Exception {
        Await.until("no server is left behind", () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Override
    public void close() throws IOException {
        Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList()
                .forEach(ProcessHandle::destroyForcibly);
        Files.delete(output);
        Files.delete(errors);
    }
}
