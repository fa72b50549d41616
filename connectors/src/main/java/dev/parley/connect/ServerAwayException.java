package dev.parley.connect;

/** A server does not answer, for now: the same call may succeed later, and nobody's input was at fault. */
public final class ServerAwayException extends RuntimeException {

    private final String server;

    public ServerAwayException(String server, Throwable cause) {
        super(server + " is away: " + cause.getMessage(), cause);
        this.server = server;
    }

    /** The product's name, as {@code Redis}. */
    public String server() {
        return server;
    }
}
