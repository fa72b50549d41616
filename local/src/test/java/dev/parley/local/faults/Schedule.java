package dev.parley.local.faults;

import dev.parley.local.faults.Fault.Kind;
import dev.parley.local.faults.world.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Chooses the faults of a run from its seed. Faults are drawn as from a deck: a pass over the deck has every kind of
 * fault with every kind of target once, so that a short run has seen everything; which instance, how long and what comes
 * together is chance.
 */
final class Schedule implements Iterator<Schedule.Step> {

    private static final double PAIRS = 0.3;
    private static final double SHORTEST_MS = 200;
    private static final double LONGEST_MS = 8_000;
    private static final int LEAST_PAUSE_MS = 1_500;
    private static final int MOST_PAUSE_MS = 4_000;

    /** Faults at the same time, and how long everything is well afterwards. */
    record Step(List<Fault> faults, Duration pause) {}

    private record Card(Kind kind, String target) {}

    private final Random random;
    private final Map<String, Deque<Card>> groups = new LinkedHashMap<>();
    private final Deque<Card> pass = new ArrayDeque<>();

    Schedule(long seed) {
        this.random = new Random(seed);
        List<Card> all = deck();
        Collections.shuffle(all, random);
        for (Card card : all) {
            groups.computeIfAbsent(group(card), g -> new ArrayDeque<>()).add(card);
        }
    }

    private static List<Card> deck() {
        List<Card> cards = new ArrayList<>();
        List<String> programs = new ArrayList<>(World.TIERS);
        programs.addAll(World.FUNCTIONS);
        List<String> nodes = new ArrayList<>(programs);
        nodes.addAll(World.SERVERS);
        for (String node : nodes) {
            cards.add(new Card(Kind.KILL, node));
            cards.add(new Card(Kind.STOP, node));
        }
        for (String program : programs) {
            cards.add(new Card(Kind.TERMINATE, program));
        }
        for (String server : World.SERVERS) {
            for (String program : programs) {
                cards.add(new Card(Kind.CUT, program + "->" + server));
                cards.add(new Card(Kind.SILENCE, program + "->" + server));
            }
            cards.add(new Card(Kind.CUT, "*->" + server));
        }
        for (String tier : World.TIERS) {
            cards.add(new Card(Kind.CUT, "clients->" + tier));
        }
        cards.add(new Card(Kind.FLUSH, World.REDIS));
        return cards;
    }

    /** What is one kind of target here: an instance, any function, each server; a link by its server. */
    private static String group(Card card) {
        String target = card.target();
        if (target.startsWith("clients->")) {
            return card.kind() + " clients";
        }
        String server = target.replaceFirst("^.*->", "");
        if (World.TIERS.contains(server)) {
            return card.kind() + " tier";
        }
        return card.kind() + " " + (World.FUNCTIONS.contains(server) ? "function" : server);
    }

    /** Kinds of faults, by kind of target: so many faults are one pass over the deck. */
    int groups() {
        return groups.size();
    }

    /** There is always one more. */
    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Step next() {
        Card first = draw();
        List<Fault> faults = new ArrayList<>();
        faults.add(fault(first));
        if (random.nextDouble() < PAIRS) {
            Card second = draw();
            if (collide(first, second)) {
                pass.addFirst(second);
            } else {
                faults.add(fault(second));
            }
        }
        return new Step(faults, Duration.ofMillis(LEAST_PAUSE_MS + random.nextInt(MOST_PAUSE_MS - LEAST_PAUSE_MS)));
    }

    private Card draw() {
        if (pass.isEmpty()) {
            List<Card> cards = new ArrayList<>();
            for (Deque<Card> group : groups.values()) {
                Card card = group.removeFirst();
                group.addLast(card);
                cards.add(card);
            }
            Collections.shuffle(cards, random);
            pass.addAll(cards);
        }
        return pass.removeFirst();
    }

    /** The same process twice, or the same link: one fault would undo the other. */
    private static boolean collide(Card one, Card other) {
        String first = one.target();
        String second = other.target();
        boolean sameNode = first.equals(second) && one.kind() != Kind.FLUSH && other.kind() != Kind.FLUSH;
        boolean links = first.contains("->") && second.contains("->");
        boolean sameServer = first.replaceFirst("^.*->", "").equals(second.replaceFirst("^.*->", ""));
        return sameNode || (links && sameServer && (first.startsWith("*") || second.startsWith("*")));
    }

    /** Short ones are as frequent as long ones: evenly over the logarithm. */
    private Fault fault(Card card) {
        double ms = SHORTEST_MS * Math.pow(LONGEST_MS / SHORTEST_MS, random.nextDouble());
        // Flushing takes no time, and a broker takes long enough to start.
        double factor = card.kind() == Kind.FLUSH
                ? 0
                : card.kind() == Kind.KILL && card.target().equals(World.RABBIT) ? 0.3 : 1;
        return new Fault(card.kind(), card.target(), Duration.ofMillis((long) (ms * factor)));
    }
}
