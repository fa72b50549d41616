package dev.parley.redis;

import dev.parley.connect.Server;
import dev.parley.connect.ServerAwayException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** What the client throws, told apart: Redis is away, or it has answered and refused. */
final class Failures {

    /** Answers that say something about the server and nothing about the command, which may succeed later. */
    private static final Set<String> AWAY = Set.of(
            "LOADING", // it has just started
            "BUSY", // a script runs for too long
            "READONLY", // it is a replica now
            "MASTERDOWN",
            "NOREPLICAS",
            "MISCONF", // it cannot write its file
            "OOM",
            "CLUSTERDOWN",
            "TRYAGAIN", // the keys are on their way to another node
            "MOVED",
            "ASK"); // both only after too many redirections

    private Failures() {}

    /** The failure without what stages put around it, as a {@link ServerAwayException} where that is what it means. */
    static Throwable told(Throwable failure) {
        Throwable cause = cause(failure);
        return isAway(cause) ? new ServerAwayException(Server.REDIS.title(), cause) : cause;
    }

    private static boolean isAway(Throwable cause) {
        return switch (cause) {
            case RedisCommandExecutionException answered -> AWAY.contains(code(answered));
            case RedisException _, IOException _, CancellationException _ -> true;
            default -> false;
        };
    }

    static boolean isReadOnly(Throwable failure) {
        return cause(failure) instanceof RedisCommandExecutionException answered
                && code(answered).equals("READONLY");
    }

    static boolean isMoved(Throwable failure) {
        return cause(failure) instanceof RedisCommandExecutionException answered
                && code(answered).equals("MOVED");
    }

    /** Whether the server has answered at all. */
    static boolean isAnswer(Throwable failure) {
        return cause(failure) instanceof RedisCommandExecutionException;
    }

    private static String code(RedisCommandExecutionException answered) {
        String message = answered.getMessage();
        int end = message == null ? -1 : message.indexOf(' ');
        return message == null ? "" : end < 0 ? message : message.substring(0, end);
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
