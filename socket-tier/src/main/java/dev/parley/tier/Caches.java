package dev.parley.tier;

import com.github.benmanes.caffeine.cache.Caffeine;

/** What this process remembers in memory. */
public final class Caches {

    private Caches() {}

    /** A cache that tidies up on the thread that writes into it: waking another one for that costs more than the work. */
    public static Caffeine<Object, Object> newBuilder() {
        return Caffeine.newBuilder().executor(Runnable::run);
    }
}
