package dev.parley.local;

import java.io.IOException;
import java.util.Locale;

/** Why it cannot start, in one line that says what to do about it. */
final class StartException extends IOException {

    StartException(String message, Throwable cause) {
        super(message, cause);
    }

    static StartException portTaken(int port, Throwable cause) {
        return new StartException("port " + port + " is taken: choose others with --ports A,B", cause);
    }

    /** A server that was given by its address does not answer. */
    static StartException away(String server, Throwable cause) {
        String variable = server.toUpperCase(Locale.ROOT) + "_URI";
        return new StartException(server + " does not answer at the address in " + variable, cause);
    }
}
