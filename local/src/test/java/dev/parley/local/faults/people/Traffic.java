package dev.parley.local.faults.people;

import dev.parley.local.faults.people.Crowd.Chat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages at a steady rate, whatever becomes of them: an open loop, so that a slow server does not slow its own test.
 * Now and then somebody sends a message on two lines to two instances at once, repeats one that was acknowledged, or
 * loses his line.
 */
public final class Traffic implements AutoCloseable {

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double ZIPF_EXPONENT = 0.8;
    private static final int ONE_IN_TWICE = 60;
    private static final int ONE_IN_REPEATED = 60;
    private static final int ONE_IN_DROPPED_LINE = 500;
    private static final String FILLER = "the quick brown fox jumps over the lazy dog and then ".repeat(4);

    private final Company company;
    private final List<Chat> chats;
    private final double[] cumulated;
    private final int perSecond;
    private final Random random;
    private final SecondLines secondLines;
    private final AtomicLong offered = new AtomicLong();
    private final Thread thread;
    private volatile boolean running = true;

    Traffic(Company company, List<Chat> chats, int perSecond, Random random) {
        this.company = company;
        this.chats = chats;
        this.perSecond = perSecond;
        this.random = random;
        this.secondLines = new SecondLines(company);
        this.cumulated = new double[chats.size()];
        double sum = 0;
        for (int i = 0; i < cumulated.length; i++) {
            sum += Math.pow(i + 1, -ZIPF_EXPONENT);
            cumulated[i] = sum;
        }
        this.thread = Thread.ofPlatform().daemon().name("traffic").start(this::run);
    }

    /** Messages that users wanted to send so far. */
    public long offered() {
        return offered.get();
    }

    private void run() {
        long start = System.nanoTime();
        while (running) {
            long due = (System.nanoTime() - start) * perSecond / TimeUnit.SECONDS.toNanos(1);
            while (running && offered.get() < due) {
                say();
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    private void say() {
        Chat chat = anyChat();
        Participant sender = anySpeaker(chat);
        long number = offered.incrementAndGet();
        Outbox.Send send = new Outbox.Send(
                chat.id(),
                sender.name() + "-" + number,
                "message " + number + " " + FILLER.substring(0, random.nextInt(FILLER.length())) + ".",
                company.ledger().now());
        sender.outbox().add(send);
        if (random.nextInt(ONE_IN_TWICE) == 0) {
            secondLines.transmit(sender, send);
        }
        if (random.nextInt(ONE_IN_REPEATED) == 0) {
            repeat(sender);
        }
        if (random.nextInt(ONE_IN_DROPPED_LINE) == 0) {
            sender.dropLine();
        }
    }

    private void repeat(Participant sender) {
        Outbox.@Nullable Send acked = sender.outbox().anyAcked();
        if (acked != null) {
            secondLines.transmit(sender, acked);
        }
    }

    private Chat anyChat() {
        double point = random.nextDouble() * cumulated[cumulated.length - 1];
        int index = 0;
        while (cumulated[index] < point) {
            index++;
        }
        return chats.get(index);
    }

    private Participant anySpeaker(Chat chat) {
        List<Participant> speakers =
                chat.members().stream().filter(member -> !member.isObserver()).toList();
        return speakers.get(random.nextInt(speakers.size()));
    }

    /** Says nothing new from here on; what is under way goes on. */
    @Override
    public void close() throws InterruptedException {
        running = false;
        thread.join();
        secondLines.close();
    }
}
