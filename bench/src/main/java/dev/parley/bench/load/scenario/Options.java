package dev.parley.bench.load.scenario;

import dev.parley.bench.load.wire.Codec;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command line: {@code [compare] [knee] SCENARIO [--option value]…}.
 *
 * @param against what Parley is compared with
 * @param connections clients
 * @param rate messages a second over all chats; of a connect storm, clients a second
 * @param seconds how long it is measured
 * @param warmup seconds of the same load before
 * @param size bytes of a message's content
 * @param senders how many members of a chat send
 * @param watch whom each client watches
 * @param connectRate clients a second while everything is set up
 * @param mostP99Ms where a knee is
 */
public record Options(
        boolean compare,
        boolean knee,
        String scenario,
        String server,
        String against,
        Codec codec,
        int tiers,
        int connections,
        double rate,
        int seconds,
        int warmup,
        int runs,
        int size,
        int groupSize,
        int senders,
        int watch,
        double connectRate,
        double mostP99Ms,
        boolean persist,
        boolean limits,
        String memory,
        long seed,
        Path home,
        Path results,
        List<InetSocketAddress> targets,
        Map<String, Long> processes,
        @Nullable String mongoUri) {

    public static final String PARLEY = "parley";
    public static final String REFERENCE = "reference";
    public static final String FLOOR = "floor";

    private static final Set<String> KNOWN = Set.of(
            "server",
            "against",
            "codec",
            "tiers",
            "connections",
            "rate",
            "seconds",
            "warmup",
            "runs",
            "size",
            "group-size",
            "senders",
            "watch",
            "connect-rate",
            "p99",
            "persist",
            "limits",
            "memory",
            "seed",
            "results",
            "targets",
            "processes",
            "mongodb");

    /** Reads a command line; {@link IllegalArgumentException} says what is wrong with it. */
    public static Options parse(Path home, List<String> words) {
        List<String> left = new java.util.ArrayList<>(words);
        boolean compare = left.remove("compare");
        boolean knee = left.remove("knee");
        if (left.isEmpty() || left.getFirst().startsWith("--")) {
            throw new IllegalArgumentException("which scenario?");
        }
        String scenario = left.removeFirst();
        Given given = new Given(read(left));
        if (knee && !Set.of("direct", "group", "room").contains(scenario)) {
            throw new IllegalArgumentException("a knee is found of direct, group and room only");
        }
        if (compare && (given.has("server") || given.has("targets"))) {
            throw new IllegalArgumentException(
                    "compare starts both servers by itself: choose the other with --against");
        }
        if (!compare && (given.has("against") || given.has("runs"))) {
            throw new IllegalArgumentException("--against and --runs go with compare");
        }
        String server = given.oneOf("server", PARLEY, REFERENCE, FLOOR);
        String against = given.oneOf("against", REFERENCE, FLOOR);
        String other = compare ? against : server;
        String codec = given.text("codec", other.equals(REFERENCE) ? "socket.io" : "plain");
        // Both sides of a comparison speak the same.
        if (!other.equals(PARLEY) && codec.equals("plain") == other.equals(REFERENCE)) {
            throw new IllegalArgumentException("the reference speaks socket.io, the floor plain, and nothing else");
        }
        if (given.number("connections", 1000) < 2) {
            throw new IllegalArgumentException("--connections is at least 2");
        }
        boolean room = scenario.equals("room");
        return new Options(
                compare,
                knee,
                scenario,
                server,
                against,
                Codec.named(codec),
                given.number("tiers", 2),
                given.number("connections", 1000),
                given.rate("rate", room ? 10 : 100),
                given.number("seconds", 10),
                given.number("warmup", 5),
                given.number("runs", 3),
                given.number("size", 128),
                given.number("group-size", 10),
                given.number("senders", 10),
                given.number("watch", 10),
                given.rate("connect-rate", 300),
                given.rate("p99", 50),
                given.onOff("persist", !compare),
                given.onOff("limits", false),
                given.text("memory", "4g"),
                given.number("seed", 42),
                home,
                Path.of(given.text(
                        "results", home.resolve("bench/target/results").toString())),
                given.targets(),
                given.processes(),
                given.optional("mongodb"));
    }

    private static Map<String, String> read(List<String> words) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < words.size(); i += 2) {
            String name = words.get(i).startsWith("--") ? words.get(i).substring(2) : "";
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("unknown: " + words.get(i));
            }
            if (i + 1 == words.size()) {
                throw new IllegalArgumentException(words.get(i) + " wants a value");
            }
            given.put(name, words.get(i + 1));
        }
        return given;
    }

    public Options of(String otherServer) {
        return new Options(
                compare,
                knee,
                scenario,
                otherServer,
                against,
                codec,
                tiers,
                connections,
                rate,
                seconds,
                warmup,
                runs,
                size,
                groupSize,
                senders,
                watch,
                connectRate,
                mostP99Ms,
                persist,
                limits,
                memory,
                seed,
                home,
                results,
                targets,
                processes,
                mongoUri);
    }

    /** What a reader of the results wants to know. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("scenario", scenario + (knee ? " (knee)" : ""));
        settings.put("server", compare ? PARLEY + " and " + against : server);
        settings.put("codec", codec.name());
        settings.put("tiers", Integer.toString(targets.isEmpty() ? tiers : targets.size()));
        settings.put("connections", Integer.toString(connections));
        settings.put("rate", Double.toString(rate));
        settings.put("seconds", warmup + " warm-up, " + seconds + " measured");
        settings.put("content bytes", Integer.toString(size));
        settings.put("group size", Integer.toString(groupSize));
        settings.put("senders", Integer.toString(senders));
        settings.put("watched by each", Integer.toString(watch));
        settings.put("persist", Boolean.toString(persist));
        settings.put("limits", Boolean.toString(limits));
        settings.put("memory", memory);
        settings.put("commit", System.getProperty("parley.commit", "unknown"));
        return settings;
    }

    /** What the user said. */
    private record Given(Map<String, String> values) {

        String text(String name, String otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        @Nullable
        String optional(String name) {
            return values.get(name);
        }

        int number(String name, int otherwise) {
            String text = values.get(name);
            if (text == null) {
                return otherwise;
            }
            if (!text.matches("\\d{1,9}")) {
                throw new IllegalArgumentException("--" + name + " wants a whole number");
            }
            return Integer.parseInt(text);
        }

        double rate(String name, double otherwise) {
            String text = values.get(name);
            if (text == null) {
                return otherwise;
            }
            if (!text.matches("\\d{1,9}([.]\\d{1,6})?") || Double.parseDouble(text) == 0) {
                throw new IllegalArgumentException("--" + name + " wants a number above 0");
            }
            return Double.parseDouble(text);
        }

        /** One of the choices, the first where nothing was said. */
        String oneOf(String name, String... choices) {
            String text = text(name, choices[0]);
            if (!List.of(choices).contains(text)) {
                throw new IllegalArgumentException("--" + name + " is " + String.join(" or ", choices));
            }
            return text;
        }

        boolean onOff(String name, boolean otherwise) {
            return switch (text(name, otherwise ? "on" : "off")) {
                case "on" -> true;
                case "off" -> false;
                default -> throw new IllegalArgumentException("--" + name + " is on or off");
            };
        }

        List<InetSocketAddress> targets() {
            return words("targets")
                    .map(target -> {
                        int colon = target.lastIndexOf(':');
                        if (colon < 1 || !target.substring(colon + 1).matches("\\d{1,5}")) {
                            throw new IllegalArgumentException("--targets wants HOST:PORT,HOST:PORT…");
                        }
                        return new InetSocketAddress(
                                target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
                    })
                    .toList();
        }

        Map<String, Long> processes() {
            Map<String, Long> processes = new LinkedHashMap<>();
            words("processes").forEach(process -> {
                if (!process.matches("[^=]+=\\d{1,9}")) {
                    throw new IllegalArgumentException("--processes wants NAME=PID,NAME=PID…");
                }
                String[] parts = process.split("=");
                processes.put(parts[0], Long.parseLong(parts[1]));
            });
            return processes;
        }

        private Stream<String> words(String name) {
            String text = values.get(name);
            return text == null ? Stream.empty() : Stream.of(text.split(","));
        }
    }
}
