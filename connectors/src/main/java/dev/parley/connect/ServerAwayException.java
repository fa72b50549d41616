package dev.parley.connect;

import org.jspecify.annotations.Nullable;

/** A server does not answer, for now: the same call may succeed later, and nobody's input was at fault. */
public final class ServerAwayException extends RuntimeException {

    private final String server;

    public ServerAwayException(String server, Throwable cause) {
        super(server + " is away: " + cause.getMessage(), cause);
        this.server = server;
    }

    public ServerAwayException(String server, String reason) {
        super(server + " is away: " + reason);
        this.server = server;
    }

    /** Whether that is what a stage failed with, also where it wrapped the exception. */
    public static boolean isCauseOf(@Nullable Throwable failure) {
        return failure instanceof ServerAwayException
                || (failure != null && failure.getCause() instanceof ServerAwayException);
    }

    /** The product's name, as {@code Redis}. */
    public String server() {
        return server;
    }
}
