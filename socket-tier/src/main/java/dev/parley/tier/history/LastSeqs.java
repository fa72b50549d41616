package dev.parley.tier.history;

import com.github.benmanes.caffeine.cache.Cache;
import dev.parley.tier.Caches;
import jakarta.inject.Singleton;
import java.time.Duration;
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
            Caches.newBuilder().maximumSize(100_000).build();

    /** Chats in which messages were placed without Redis, until it has surely been told of them. */
    private final Cache<String, Boolean> outOfOrder = Caches.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(Duration.ofMinutes(5))
            .build();

    /** How often Redis has come to be doubted; and for chats that were looked at since, at which count. */
    private final AtomicLong doubts = new AtomicLong();

    private final Cache<String, Long> sureAt =
            Caches.newBuilder().maximumSize(100_000).build();

    /** Redis was away: what it says of any chat may be older than what it has said before. */
    void doubtAll() {
        doubts.incrementAndGet();
    }

    /** The same for one chat. */
    public void doubt(String channel) {
        sureAt.put(channel, -1L);
    }

    long doubts() {
        return doubts.get();
    }

    void sureOf(String channel, long atDoubts) {
        sureAt.put(channel, atDoubts);
    }

    /** Whether Redis may know less of the chat than it did, and nobody has looked since. */
    boolean isDoubtful(String channel) {
        Long at = sureAt.getIfPresent(channel);
        return (at == null ? 0 : at) != doubts.get();
    }

    /** Notes a seq that a message got without Redis, or that Redis had forgotten. */
    public void seeOutOfOrder(String channel, long seq) {
        see(channel, seq);
        outOfOrder.put(channel, true);
    }

    /** Whether Redis may not know of all messages of the chat: then it can not say what is a resend. */
    public boolean mayBeUnknownToRedis(String channel) {
        return outOfOrder.getIfPresent(channel) != null;
    }

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
