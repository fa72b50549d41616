package dev.parley.persist;

import dev.parley.function.FunctionProcess;

/** The persist function as a long-lived process. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        FunctionProcess.run(Main.class, "parley-persist", args);
    }
}
