package dev.parley.tier.history;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.inject.Singleton;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The highest seq that this instance has seen of each chat, by channel; so that the next one is higher also where Redis
 * has forgotten, or is away, or a clock was set back. Bounded: what is forgotten is asked of the stores again.
 * Thread-safe.
 */
@Singleton
public final class LastSeqs {

    private final Cache<String, AtomicLong> seen =
            Caffeine.newBuilder().maximumSize(100_000).build();

    /** Notes a seq; 0 says that the chat is known to be empty. */
    public void see(String channel, long seq) {
        AtomicLong last = seen.get(channel, name -> new AtomicLong());
        if (last.get() < seq) {
            last.accumulateAndGet(seq, Math::max);
        }
    }

    /** The highest one; empty where nothing is known. */
    public OptionalLong of(String channel) {
        AtomicLong last = seen.getIfPresent(channel);
        return last == null ? OptionalLong.empty() : OptionalLong.of(last.get());
    }
}
