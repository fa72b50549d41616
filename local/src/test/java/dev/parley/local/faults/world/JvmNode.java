package dev.parley.local.faults.world;

import dev.parley.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A Java program as a child, configured by its environment. One that ends by itself is started again, as whatever runs
 * containers would; that is counted.
 */
final class JvmNode implements Node {

    private static final Duration READY_WITHIN = Duration.ofSeconds(120);
    private static final long TERMINATED_WITHIN_SECONDS = 60;

    /**
     * What to run.
     *
     * @param isReady whether it serves
     */
    record Program(String name, List<String> command, Map<String, String> environment, Callable<Boolean> isReady) {}

    private final Program program;
    private final Path output;
    private final AtomicInteger endedByItself = new AtomicInteger();
    private volatile boolean wanted;
    private volatile @Nullable Process process;

    JvmNode(Program program, Path directory) {
        this.program = program;
        this.output = directory.resolve(program.name() + ".out");
        Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
    }

    @Override
    public String name() {
        return program.name();
    }

    int endedByItself() {
        return endedByItself.get();
    }

    /** Starts it and does not wait. */
    void launch() {
        wanted = true;
        ProcessBuilder builder = new ProcessBuilder(program.command())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(program.environment());
        try {
            Process started = builder.start();
            process = started;
            started.onExit().thenAccept(this::ended);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name(), e);
        }
    }

    private synchronized void ended(Process ended) {
        if (wanted && process == ended) {
            System.out.println(name() + " has ended by itself, see " + output);
            endedByItself.incrementAndGet();
            launch();
        }
    }

    void awaitReady() throws Exception {
        Await.until(name() + " is ready, see " + output, READY_WITHIN, program.isReady());
    }

    @Override
    public void start() throws Exception {
        synchronized (this) {
            launch();
        }
        awaitReady();
    }

    @Override
    public void kill() {
        Process running = unwanted();
        if (running != null) {
            running.destroyForcibly();
            var _ = running.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    @Override
    public void terminate() throws InterruptedException {
        Process running = unwanted();
        if (running != null) {
            running.destroy();
            if (!running.waitFor(TERMINATED_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                System.out.println(name() + " does not end on SIGTERM");
                kill();
            }
        }
    }

    private synchronized @Nullable Process unwanted() {
        wanted = false;
        return process;
    }

    @Override
    public void pause() {
        signal("-STOP");
    }

    @Override
    public void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        Process running = process;
        if (running == null) {
            return;
        }
        try {
            new ProcessBuilder("kill", signal, Long.toString(running.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
