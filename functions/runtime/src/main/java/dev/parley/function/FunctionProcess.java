package dev.parley.function;

import io.micronaut.runtime.Micronaut;
import java.util.Map;

/** A function as a long-lived process; ends on SIGTERM, after the batch at work. */
public final class FunctionProcess {

    /** The environment whose configuration every function has, whichever door it is behind. */
    static final String ENVIRONMENT = "function";

    private FunctionProcess() {}

    public static void run(Class<?> main, String name, String... args) {
        Micronaut.build(args)
                .mainClass(main)
                .deduceEnvironment(false)
                .environments(ENVIRONMENT)
                .properties(Map.of("micronaut.application.name", name))
                .banner(false)
                .start();
    }
}
