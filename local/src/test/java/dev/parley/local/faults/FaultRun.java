package dev.parley.local.faults;

import dev.parley.local.faults.people.RestCalls;
import dev.parley.local.faults.people.RestCalls.Account;
import dev.parley.local.faults.world.World;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A whole run: starts the world once, and plays one round after another in it. */
final class FaultRun {

    private static final int HTTP_THREADS = 2;

    private final Plan plan;
    private final Path directory;
    private final @Nullable Path tierClassPathFront;

    /**
     * @param directory for data and output of the processes, and the report
     * @param tierClassPathFront hides classes and resources of the instances; null for the real ones
     */
    FaultRun(Plan plan, Path directory, @Nullable Path tierClassPathFront) {
        this.plan = plan;
        this.directory = directory;
        this.tierClassPathFront = tierClassPathFront;
    }

    Report run() throws Exception {
        return run(new Schedule(plan.seed()));
    }

    private static void forget(Path data) throws IOException {
        if (Files.isDirectory(data)) {
            try (Stream<Path> files = Files.list(data)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Runs with steps of the caller's choice. */
    Report run(Iterator<Schedule.Step> steps) throws Exception {
        System.out.println("seed " + plan.seed() + ", " + plan);
        Files.createDirectories(directory);
        forget(directory.resolve(World.MONGO_DATA));
        Report report = new Report(plan);
        ExecutorService threads = Executors.newFixedThreadPool(
                HTTP_THREADS, Thread.ofPlatform().daemon().name("http-", 0).factory());
        try (HttpClient http = HttpClient.newBuilder()
                        .executor(threads)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build();
                World world = new World(directory, http, tierClassPathFront)) {
            world.restartRedis(plan.redis().keepsData(1));
            world.start();
            List<Account> accounts = register(world, http);
            try (History history = new History(world, http)) {
                long start = System.nanoTime();
                Random random = new Random(plan.seed());
                for (int round = 1;
                        round <= plan.leastRounds()
                                || System.nanoTime() - start < plan.duration().toNanos();
                        round++) {
                    boolean keepsData = plan.redis().keepsData(round);
                    System.out.println("round " + round + ", Redis " + (keepsData ? "keeps" : "loses") + " its data");
                    if (round > 1) {
                        history.clear();
                        world.restartRedis(keepsData);
                        world.awaitReady();
                    }
                    Round.Result result = new Round(world, http, history, accounts, plan).run(steps, random, round > 1);
                    report.add(result, world.endedByThemselves());
                    report.write(directory);
                    System.out.println(report.lastRound());
                }
            }
        } finally {
            threads.shutdownNow();
        }
        return report;
    }

    private List<Account> register(World world, HttpClient http) throws Exception {
        RestCalls rest = new RestCalls(http);
        List<Account> accounts = new ArrayList<>();
        for (int i = 0; i < plan.users(); i++) {
            accounts.add(rest.register(world.tiers().all().getFirst(), "user" + i));
        }
        return accounts;
    }
}
