package dev.parley.notify;

import dev.parley.function.FunctionProcess;

/** The notify function as a long-lived process. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        FunctionProcess.run(Main.class, "parley-notify", args);
    }
}
