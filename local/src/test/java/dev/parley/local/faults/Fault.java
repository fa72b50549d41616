package dev.parley.local.faults;

import java.time.Duration;

/**
 * Something that goes wrong.
 *
 * @param target name of a node, or of a gate for {@link Kind#CUT} and {@link Kind#SILENCE}
 * @param lasts from the fault to the moment in which it begins to be undone; a killed process then still has to start
 */
record Fault(Kind kind, String target, Duration lasts) {

    enum Kind {
        /** SIGKILL, and started again with what it had on disk. */
        KILL,
        /** SIGTERM, and started again. */
        TERMINATE,
        /** SIGSTOP, then SIGCONT. */
        STOP,
        /** Connections are broken and refused. */
        CUT,
        /** Connections stay and carry nothing; then they break. */
        SILENCE,
        /** Redis forgets everything. */
        FLUSH
    }

    /** Fault and kind of target, for counting: which instance it was makes no difference. */
    String group() {
        return kind + " "
                + target.replace("*->", "all->")
                        .replaceAll("tier-\\d", "tier")
                        .replaceAll("persist|notify|index", "function");
    }

    @Override
    public String toString() {
        return kind + " " + target + " for " + lasts.toMillis() + " ms";
    }
}
