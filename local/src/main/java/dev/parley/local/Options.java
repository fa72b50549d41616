package dev.parley.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to run.
 *
 * @param data where everything is kept; null for nowhere
 * @param ports one tier instance listens on each; 0 for any free one
 * @param limits whether rate limits hold
 * @param redisUri of a real server; null for the embedded one, and so for the others
 */
public record Options(
        @Nullable Path data,
        List<Integer> ports,
        boolean limits,
        @Nullable String redisUri,
        @Nullable String rabbitUri,
        @Nullable String mongoUri) {

    static final String USAGE = """
            Usage: ./parley [--data DIR] [--ports PORT,PORT] [--no-rate-limits]

              --data DIR         keep all data in DIR over restarts (otherwise it is temporary)
              --ports A,B        one tier instance listens on each (default 8080,8081)
              --no-rate-limits   lift the rate limits, for load tests

            REDIS_URI, RABBITMQ_URI and MONGODB_URI name real servers to use instead of the embedded ones.
            JWT_SECRET signs the access tokens (otherwise a random one is made).
            """;

    /** What the arguments say was wrong. */
    static final class UsageException extends Exception {
        UsageException(String message) {
            super(message);
        }
    }

    static Options parse(List<String> arguments, Map<String, String> environment) throws UsageException {
        Path data = null;
        List<Integer> ports = List.of(8080, 8081);
        boolean limits = true;
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--data" -> data = Path.of(value(arguments, ++i)).toAbsolutePath();
                case "--ports" -> ports = ports(value(arguments, ++i));
                case "--no-rate-limits" -> limits = false;
                default -> throw new UsageException("unknown option " + arguments.get(i));
            }
        }
        return new Options(
                data,
                ports,
                limits,
                environment.get("REDIS_URI"),
                environment.get("RABBITMQ_URI"),
                environment.get("MONGODB_URI"));
    }

    private static String value(List<String> arguments, int at) throws UsageException {
        if (at >= arguments.size()) {
            throw new UsageException(arguments.get(at - 1) + " wants a value");
        }
        return arguments.get(at);
    }

    private static List<Integer> ports(String text) throws UsageException {
        try {
            List<Integer> ports =
                    List.of(text.split(",")).stream().map(Integer::valueOf).toList();
            if (ports.isEmpty() || ports.stream().anyMatch(port -> port < 0 || port > 65_535)) {
                throw new UsageException("--ports wants numbers within 0 and 65535");
            }
            if (ports.stream().filter(port -> port != 0).distinct().count()
                    != ports.stream().filter(port -> port != 0).count()) {
                throw new UsageException("--ports names a port twice");
            }
            return ports;
        } catch (NumberFormatException e) {
            throw new UsageException("--ports wants numbers, not " + text);
        }
    }
}
