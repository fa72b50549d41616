package dev.parley.index;

import dev.parley.function.FunctionProcess;

/** The index function as a long-lived process. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        FunctionProcess.run(Main.class, "parley-index", args);
    }
}
