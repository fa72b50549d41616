package dev.parley.tier;

import io.micronaut.runtime.Micronaut;

/** One instance of the socket tier. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Micronaut.build(args)
                .mainClass(Main.class)
                .environments("tier")
                .banner(false)
                .start();
    }
}
