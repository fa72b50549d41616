package dev.parley.local.faults.people;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Where clients find the instances. Clients choose at random in real time: only the schedule is reproducible. */
public record Tiers(List<Tier> all) {

    /** @param port that clients connect to, on the loopback address */
    public record Tier(String name, int port) {}

    /** Any instance, but not the one that failed just now. */
    Tier anyBut(@Nullable String failed) {
        List<Tier> others =
                all.stream().filter(tier -> !tier.name().equals(failed)).toList();
        List<Tier> choice = others.isEmpty() ? all : others;
        return choice.get(ThreadLocalRandom.current().nextInt(choice.size()));
    }
}
