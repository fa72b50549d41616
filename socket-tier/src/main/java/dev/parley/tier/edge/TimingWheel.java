package dev.parley.tier.edge;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timers of all connections of an event loop, at the price of one of the loop's own: a hashed timing wheel (Varghese
 * and Lauck, 1987, scheme 6). Setting and cancelling cost the same however many there are. A timer fires on the loop, up
 * to one {@link #TICK} late. Belongs to its loop.
 */
final class TimingWheel {

    private static final Logger LOG = LoggerFactory.getLogger(TimingWheel.class);

    static final Duration TICK = Duration.ofMillis(20);

    /** A power of two; one turn takes longer than a heartbeat, so that hardly a timer is passed over. */
    private static final int SLOTS = 2_048;

    private static final FastThreadLocal<TimingWheel> WHEELS = new FastThreadLocal<>();

    /** Something that is to happen; at most one time each. Belongs to the loop. */
    abstract static class Timer {
        private @Nullable Timer next;
        private @Nullable Timer previous;
        private long dueTick;

        abstract void fire();

        /** Keeps it from firing, until it is set again. */
        final void cancel() {
            Timer before = previous;
            Timer behind = next;
            if (before != null && behind != null) {
                before.next = behind;
                behind.previous = before;
                previous = null;
                next = null;
            }
        }
    }

    /** The end of a slot's circle. */
    private static final class Slot extends Timer {
        @Override
        void fire() {}
    }

    private final Timer[] slots = new Timer[SLOTS];
    private final long start = System.nanoTime();
    private long tick;

    private TimingWheel() {
        for (int i = 0; i < SLOTS; i++) {
            Timer slot = new Slot();
            slot.next = slot;
            slot.previous = slot;
            slots[i] = slot;
        }
    }

    /** That of the loop on which this is called. */
    static TimingWheel of(EventLoop loop) {
        TimingWheel wheel = WHEELS.get();
        if (wheel == null) {
            wheel = new TimingWheel();
            WHEELS.set(wheel);
            var _ = loop.scheduleAtFixedRate(wheel::turn, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
        }
        return wheel;
    }

    /** Has the timer fire after {@code delay}, and not when it would have before. */
    void set(Timer timer, Duration delay) {
        timer.cancel();
        long elapsed = System.nanoTime() - start + delay.toNanos();
        timer.dueTick = Math.max(tick + 1, elapsed / TICK.toNanos() + 1);
        Timer slot = slots[(int) (timer.dueTick & (SLOTS - 1))];
        Timer last = Objects.requireNonNull(slot.previous);
        last.next = timer;
        timer.previous = last;
        timer.next = slot;
        slot.previous = timer;
    }

    private void turn() {
        long now = (System.nanoTime() - start) / TICK.toNanos();
        while (tick < now) {
            tick++;
            fire(slots[(int) (tick & (SLOTS - 1))]);
        }
    }

    /** Whoever fires may set and cancel others, so each search begins anew; a slot holds few that are not due. */
    private void fire(Timer slot) {
        for (Timer due = firstDue(slot); due != null; due = firstDue(slot)) {
            due.cancel();
            try {
                due.fire();
            } catch (RuntimeException e) {
                LOG.error("a timer failed", e);
            }
        }
    }

    private @Nullable Timer firstDue(Timer slot) {
        for (Timer timer = slot.next; timer != null && timer != slot; timer = timer.next) {
            if (timer.dueTick <= tick) {
                return timer;
            }
        }
        return null;
    }
}
