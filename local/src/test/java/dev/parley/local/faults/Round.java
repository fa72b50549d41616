package dev.parley.local.faults;

import dev.parley.local.faults.Injector.Injected;
import dev.parley.local.faults.Settling.Settled;
import dev.parley.local.faults.check.Ledger;
import dev.parley.local.faults.people.Crowd;
import dev.parley.local.faults.people.RestCalls.Account;
import dev.parley.local.faults.people.Traffic;
import dev.parley.local.faults.world.World;
import dev.parley.testing.Await;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/** One round: new chats, everybody connects and talks while things go wrong, then all is healed and checked. */
final class Round {

    /** Everybody is in all of his chats by then. */
    private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(120);

    /** Longer than the longest delay of the retry queues, which is 25 s. */
    private static final Duration UNCHANGED_FOR = Duration.ofSeconds(30);

    /** On a slow machine what piled up in the outboxes takes a while; as long as it moves it is no violation. */
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(300);

    /** @param talkedNanos how long people talked */
    record Result(List<Injected> faults, Settled settled, Crowd.Counts counts, long offered, long talkedNanos) {}

    private final World world;
    private final HttpClient http;
    private final History history;
    private final List<Account> accounts;
    private final Plan plan;

    Round(World world, HttpClient http, History history, List<Account> accounts, Plan plan) {
        this.world = world;
        this.http = http;
        this.history = history;
        this.accounts = accounts;
        this.plan = plan;
    }

    /**
     * Runs steps until there were enough faults, or no more steps.
     *
     * @param redisIsNew whether Redis was started anew under the running instances
     */
    Result run(Iterator<Schedule.Step> steps, Random random, boolean redisIsNew) throws Exception {
        Ledger ledger = new Ledger();
        try (Crowd crowd = new Crowd(http, world.tiers(), ledger, accounts, plan.observers(), plan.chats(), random)) {
            crowd.connect();
            Await.until("everybody is in his chats", CONNECTED_WITHIN, crowd::areWhole);
            Injector injector = new Injector(world, ledger, redisIsNew);
            long start = ledger.now();
            long offered;
            try (Traffic traffic = crowd.traffic(plan.perSecond(), random)) {
                Thread.sleep(Duration.ofSeconds(2));
                while (injector.injected().size() < plan.faultsPerRound() && steps.hasNext()) {
                    injector.run(steps.next());
                }
                offered = traffic.offered();
            }
            long talked = ledger.now() - start;
            world.awaitReady();
            System.out.printf("%7.1f s  all healed, nobody talks any more%n", ledger.now() / 1e9);
            Settled settled = new Settling(crowd, ledger, history, new Queues(world), injector.divided())
                    .await(UNCHANGED_FOR, SETTLED_WITHIN);
            return new Result(injector.injected(), settled, crowd.counts(), offered, talked);
        }
    }
}
