package dev.parley.bench.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.bench.load.crowd.Arrivals;
import dev.parley.bench.load.report.Result;
import dev.parley.bench.load.scenario.FakeServer.Fate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The generator in front of a server whose mistakes are known: what it reports must be exactly those. */
class GeneratorTest {

    private static final int GROUP = 5;
    private static final int RATE = 200;
    private static final int SECONDS = 1;
    private static final Duration PAUSE = Duration.ofMillis(600);

    private final FakeServer server = new FakeServer();
    private final FakeWorld world = new FakeWorld(server);

    @AfterEach
    void stop() {
        server.close();
    }

    private static Options options(String scenario, String... more) {
        List<String> words = new ArrayList<>(List.of(
                scenario,
                "--rate",
                Integer.toString(RATE),
                "--group-size",
                Integer.toString(GROUP),
                "--connections",
                "10",
                "--warmup",
                "0",
                "--seconds",
                Integer.toString(SECONDS)));
        words.addAll(List.of(more));
        return Options.parse(Path.of(""), words);
    }

    @Test
    void aFaultlessServerIsReportedFaultless() throws Exception {
        Result result = new Traffic().run(options("group"), world);

        assertThat(result.figures())
                .containsEntry("sent", 1.0 * RATE * SECONDS)
                .containsEntry("acknowledged", 1.0 * RATE * SECONDS)
                .containsEntry("delivered", 1.0 * RATE * SECONDS * GROUP)
                .containsEntry("lost", 0.0)
                .containsEntry("duplicated", 0.0)
                .containsEntry("out_of_order", 0.0)
                .containsEntry("strays", 0.0);
        assertThat(result.figure("ack_p50_ms")).isPositive();
    }

    @Test
    void everyLostDoubledAndSwappedDeliveryIsFound() throws Exception {
        server.make((seq, receiver) -> switch (receiver) {
            case 1 -> seq % 17 == 3 ? Fate.LOST : Fate.DELIVERED;
            case 2 -> seq % 13 == 5 ? Fate.DOUBLED : Fate.DELIVERED;
            case 3 -> seq % 19 == 7 ? Fate.SWAPPED : Fate.DELIVERED;
            default -> Fate.DELIVERED;
        });

        Result result = new Traffic().run(options("group"), world);

        assertThat(server.lost()).isPositive();
        assertThat(server.doubled()).isPositive();
        assertThat(server.swapped()).isPositive();
        assertThat(result.figures())
                .containsEntry("lost", (double) server.lost())
                .containsEntry("duplicated", (double) server.doubled())
                .containsEntry("out_of_order", (double) server.swapped())
                .containsEntry("delivered", 1.0 * RATE * SECONDS * GROUP - server.lost());
    }

    /** Of what was due in the first half of a pause each delivery is late by the second half at least. */
    @Test
    void latencyCountsFromWhenAMessageWasDue() throws Exception {
        server.pauseAt(RATE / 4, PAUSE);
        Options options = options("room", "--connections", Integer.toString(GROUP), "--seconds", "2");
        try (Stage stage = Stage.set(options, world, new Traffic().chats(options))) {
            var _ = new Traffic().run(stage);

            Histogram micros = stage.ledger().timings().deliveries();
            long half = PAUSE.dividedBy(2).toNanos() / 1000;
            long dueMeanwhile = RATE * half / 1_000_000;
            assertThat(micros.getTotalCount()).isEqualTo(2L * RATE * GROUP);
            assertThat(micros.getCountBetweenValues(half * 99 / 100, micros.getMaxValue()))
                    .isGreaterThanOrEqualTo((dueMeanwhile - 1) * GROUP);
        }
    }

    /** Where the generator itself stands still, what was due meanwhile is late by as much, and not as early as it was sent. */
    @Test
    void whatTheGeneratorSendsLateCountsAsLate() throws Exception {
        Options options = options("room", "--connections", Integer.toString(GROUP), "--seconds", "2");
        try (Stage stage = Stage.set(options, world, new Traffic().chats(options))) {
            stage.connectAll();
            var _ = new Measurement(stage)
                    .run("late", RATE, (start, from, until) -> Thread.startVirtualThread(() -> standStill(stage)));

            Histogram micros = stage.ledger().timings().deliveries();
            long half = PAUSE.dividedBy(2).toNanos() / 1000;
            long dueMeanwhile = RATE * half / 1_000_000;
            assertThat(micros.getCountBetweenValues(half * 99 / 100, micros.getMaxValue()))
                    .isGreaterThanOrEqualTo((dueMeanwhile - 1) * GROUP);
            assertThat(stage.ledger().timings().lateness().getMaxValue()).isGreaterThanOrEqualTo(half);
        }
    }

    /** Blocks the event loop as soon as the first message has come. */
    private static void standStill(Stage stage) {
        try {
            while (stage.crowd().ask(() -> stage.ledger().delivered()) == 0) {
                Thread.onSpinWait();
            }
            var _ = stage.crowd().ask(() -> {
                long until = System.nanoTime() + PAUSE.toNanos();
                for (long left = PAUSE.toNanos(); left > 0; left = until - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whoIsTurnedAwayComesWhenTheServerSaid() throws Exception {
        server.refuse(0, 4);
        Options options = options("connect-storm");
        try (Stage stage = Stage.set(options, world, List.of())) {
            Arrivals arrivals = stage.crowd().arrive(0, options.connections(), RATE);
            stage.requireIn(arrivals);

            assertThat(arrivals.refusals()).isEqualTo(4);
            assertThat(arrivals.seconds()).hasSize(options.connections());
            // Their second chance is a second later, and the first four are the ones that the server turned away.
            assertThat(arrivals.waitsOfRefused().getTotalCount()).isEqualTo(4);
            assertThat(arrivals.waitsOfRefused().getMinValue())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(999).toNanos() / 1000);
        }
    }

    @Test
    void whoComesBackResumes() throws Exception {
        server.expectMembers(GROUP);
        server.refuse(10, 3);

        Result result = new ReconnectStorm().run(options("reconnect-storm", "--seconds", "2"), world);

        assertThat(server.unreached()).isPositive();
        assertThat(result.figures())
                .containsEntry("lost", 0.0)
                .containsEntry("duplicated", 0.0)
                .containsEntry("out_of_order", 0.0)
                .containsEntry("accepted", 10.0)
                .containsEntry("clients_turned_away", 3.0);
    }

    @Test
    void whatAServerDoesNotGiveToThoseWhoComeBackIsLost() throws Exception {
        server.expectMembers(GROUP);
        server.refuse(10, 3);
        server.resumesNothing();

        Result result = new ReconnectStorm().run(options("reconnect-storm", "--seconds", "2"), world);

        assertThat(server.unreached()).isPositive();
        assertThat(result.figure("lost")).isGreaterThanOrEqualTo(server.unreached());
    }

    @Test
    void memoryPerConnectionIsTheSlope() {
        assertThat(Idle.slope(List.of(new double[] {0, 500}, new double[] {10, 700}, new double[] {20, 900})))
                .isEqualTo(20);
    }
}
