package dev.parley.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.embedded.RedisExecProvider;

/**
 * A Redis server: the {@code redis-server} of this machine, or the one that the embedded-redis jar carries. It keeps
 * nothing on disk, so that it comes back empty after {@link #kill}, unless it is told to with {@link #keepData}.
 */
public final class TestRedis {

    private static final class Shared {
        static final TestRedis SERVER = new TestRedis();
    }

    private final String binary;
    private final int port = ServerProcess.freePort();
    private final Path directory = ServerProcess.temporaryDirectory("redis");
    private boolean appendOnly;
    private ServerProcess process;

    private TestRedis() {
        this.binary = binary();
        this.process = start();
        String version = ServerProcess.output(binary, "--version").replaceAll(".*v=(\\S+).*", "$1");
        System.out.printf(
                "Redis: redis-server %s (%s)%n",
                version, ServerProcess.binary("redis-server").isPresent() ? "local binary" : "embedded binary");
    }

    static String binary() {
        return ServerProcess.binary("redis-server").map(Path::toString).orElseGet(TestRedis::embedded);
    }

    private static String embedded() {
        try {
            return RedisExecProvider.defaultProvider().get().getAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException("no redis-server here, and the embedded one does not start", e);
        }
    }

    /** The server that all tests of this JVM share; use keys of your own, or {@link #clear} it. */
    public static TestRedis shared() {
        return Shared.SERVER;
    }

    /** A server for one test; ends with the JVM. */
    public static TestRedis own() {
        return new TestRedis();
    }

    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** SIGKILL: connections break, everything stored is gone. */
    public synchronized void kill() {
        process.kill();
    }

    /** Starts it again on the same port, empty unless it keeps its data. */
    public synchronized void restart() {
        process.kill();
        process = start();
    }

    /** Breaks the connections that have subscriptions; answers how many those were. */
    public int killSubscribers() {
        return Integer.parseInt(command("CLIENT KILL TYPE pubsub").strip().substring(1));
    }

    /** As after a failover to another server, which is not there. */
    public void becomesReplica() {
        command("REPLICAOF 127.0.0.1 " + ServerProcess.freePort());
    }

    public void becomesMaster() {
        command("REPLICAOF NO ONE");
    }

    /** Whether it keeps its data on disk, in a log that no SIGKILL damages; from the next {@link #restart} on. */
    public synchronized void keepData(boolean keep) {
        appendOnly = keep;
    }

    /** SIGSTOP: connections stay and nothing is answered. */
    public synchronized void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public synchronized void resume() {
        process.resume();
    }

    public int port() {
        return port;
    }

    /** Removes every key. */
    public void clear() {
        if (!command("FLUSHALL").startsWith("+OK")) {
            throw new IllegalStateException("Redis did not clear");
        }
    }

    public boolean exists(String key) {
        return command("EXISTS " + key).startsWith(":1");
    }

    /** Publishes as instances do; neither may hold a single quote. */
    public void publish(String channel, String event) {
        command("SPUBLISH '" + channel + "' '" + event + "'");
    }

    /** What commands have cost since {@link #resetCommandStats}, by their names; those inside scripts too. */
    public Map<String, CommandStat> commandStats() {
        Map<String, CommandStat> stats = new TreeMap<>();
        Matcher lines = CALLS.matcher(bulk("INFO commandstats"));
        while (lines.find()) {
            stats.put(lines.group(1), new CommandStat(Long.parseLong(lines.group(2)), Long.parseLong(lines.group(3))));
        }
        return stats;
    }

    public void resetCommandStats() {
        command("CONFIG RESETSTAT");
    }

    /** What one kind of command has cost the server. */
    public record CommandStat(long calls, long micros) {}

    private static final Pattern CALLS = Pattern.compile("cmdstat_(\\S+):calls=(\\d+),usec=(\\d+)");

    private String bulk(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerProcess start() {
        ServerProcess started = ServerProcess.start(
                directory,
                Map.of(),
                List.of(
                        binary,
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--appendonly",
                        appendOnly ? "yes" : "no"));
        try {
            Await.until("Redis answers", Duration.ofSeconds(10), () -> started.isAlive() && ping());
        } catch (Exception e) {
            throw new IllegalStateException("Redis does not start", e);
        }
        return started;
    }

    private boolean ping() {
        try {
            return command("PING").startsWith("+PONG");
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private String command(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream answer = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int c = answer.read(); c >= 0 && c != '\n'; c = answer.read()) {
                line.append((char) c);
            }
            return line.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
