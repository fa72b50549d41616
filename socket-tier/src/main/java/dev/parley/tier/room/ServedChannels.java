package dev.parley.tier.room;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The channels that somebody on this instance wants, and what serves each of them: whoever wants it first opens it,
 * whoever leaves last closes it, one after the other for each channel. Thread-safe.
 */
public final class ServedChannels<S> {

    private static final class Served<S> {
        final S by;

        /** Those who want it; changed only inside the map's {@code compute}. */
        int wanted;

        Served(S by) {
            this.by = by;
        }
    }

    private final Map<String, Served<S>> channels = new ConcurrentHashMap<>();

    /** @param open must not block, and must not look up channels */
    public S enter(String channel, Supplier<? extends S> open) {
        return channels.compute(channel, (name, served) -> {
                    Served<S> here = served == null ? new Served<>(open.get()) : served;
                    here.wanted++;
                    return here;
                })
                .by;
    }

    /** To be called once for each {@link #enter}. */
    public void leave(String channel, Consumer<? super S> close) {
        channels.computeIfPresent(channel, (name, served) -> {
            served.wanted--;
            if (served.wanted > 0) {
                return served;
            }
            close.accept(served.by);
            return null;
        });
    }

    /** What serves the channel; null where nobody wants it, or the first who does has not opened it yet. */
    public @Nullable S get(String channel) {
        Served<S> served = channels.get(channel);
        return served == null ? null : served.by;
    }

    /** Has it do something, if there is one. */
    public void with(String channel, Consumer<? super S> action) {
        S by = get(channel);
        if (by != null) {
            action.accept(by);
        }
    }

    /**
     * The same as {@link #get}, behind an {@link #enter} that is under way: what is told only once for a channel may come before whoever
     * asked for it has returned.
     */
    public @Nullable S opened(String channel) {
        Served<S> served = channels.computeIfPresent(channel, (name, here) -> here);
        return served == null ? null : served.by;
    }

    /** What serves the channels, in no order. */
    public Collection<S> all() {
        return channels.values().stream().map(served -> served.by).toList();
    }

    public int size() {
        return channels.size();
    }
}
