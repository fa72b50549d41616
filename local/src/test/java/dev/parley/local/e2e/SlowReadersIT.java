package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.RawSocket;
import dev.parley.testing.TestRedis;
import dev.parley.tier.Main;
import dev.parley.wire.CloseCode;
import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that stop reading, and everybody else. */
class SlowReadersIT {

    private static final int STALLED = 40;

    /** The kernel may take some megabytes for a connection that nobody reads from. */
    private static final int MESSAGES = 450;

    private static final String FILLER = "x".repeat(16_000);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    private Map<String, String> servers() {
        return Processes.servers(TestRedis.shared(), Map.of("PARLEY_LIMITS_ENABLED", "false"));
    }

    @Test
    void whoStopsReadingIsSentAwayAndCostsTheOthersNothing() throws Exception {
        List<RawSocket> stalled = new ArrayList<>();
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running tier = processes.start("tier", Main.class, Map.of());
            Processes.awaitReady(tier);
            try (Person alice = Person.registered(tier.address(), "Alice").connects();
                    Person bob = Person.registered(tier.address(), "Bob").connects()) {
                Person carol = Person.registered(tier.address(), "Carol");
                String chat = alice.groupWith("Patience", List.of(bob, carol));
                bob.joins(chat);
                for (int i = 0; i < STALLED; i++) {
                    RawSocket one = RawSocket.openNarrow(tier.address() + "/ws?token=" + carol.token());
                    stalled.add(one);
                    one.awaitText("connected");
                    one.text("{\"id\":1,\"event\":\"join-chats\",\"data\":{\"chatIds\":[\"" + chat + "\"]}}");
                    one.awaitText("\"id\":1");
                }

                List<String> given = List.of();
                for (int i = 0; i < MESSAGES; i++) {
                    alice.client().ask("typing", "{\"chatId\":\"" + chat + "\",\"isTyping\":" + (i % 2 == 0) + "}");
                    alice.sends(chat, content(i));
                    if (given.isEmpty() && turnedAway(tier) == STALLED) {
                        // What waits for them is kept for a few seconds, so that they may learn why.
                        given = read(stalled.getFirst());
                    }
                }

                assertThat(given.getLast()).isEqualTo("closed " + CloseCode.SLOW_READER.code());
                List<String> shown = given.subList(0, given.size() - 1);
                assertThat(shown)
                        .as("what it was given is whole up to the end")
                        .isEqualTo(IntStream.range(0, shown.size())
                                .mapToObj(i -> content(i).substring(0, 10))
                                .toList());
                assertThat(shown).as("more than the bound was not kept for it").hasSizeLessThan(MESSAGES);
                for (int i = 0; i < MESSAGES; i++) {
                    assertThat(Nodes.text(bob.client().awaitEvent("new-message"), "content"))
                            .isEqualTo(content(i));
                }
                for (RawSocket one : stalled.subList(1, stalled.size())) {
                    assertThat(read(one).getLast()).isIn("ended", "closed " + CloseCode.SLOW_READER.code());
                }
                assertThat(tier.process().isAlive()).isTrue();
            }
        } finally {
            for (RawSocket one : stalled) {
                one.close();
            }
        }
    }

    /** What comes while he is behind is dropped, but he does not go on with what is no longer true. */
    @Test
    void whoCatchesUpLearnsOfThePresenceThatHeMissed() throws Exception {
        try (Processes processes = new Processes(directory, servers())) {
            Processes.Running tier =
                    processes.start("tier", Main.class, Map.of("PARLEY_TIER_OUTBOX_BYTES", "100000000"));
            Processes.awaitReady(tier);
            try (Person alice = Person.registered(tier.address(), "Alice").connects()) {
                Person carol = Person.registered(tier.address(), "Carol");
                String chat = alice.chatWith(carol);
                try (RawSocket stalled = RawSocket.openNarrow(tier.address() + "/ws?token=" + carol.token())) {
                    stalled.awaitText("connected");
                    stalled.text("{\"id\":1,\"event\":\"join-chats\",\"data\":{\"chatIds\":[\"" + chat + "\"]}}");
                    stalled.awaitText("\"id\":1");
                    stalled.text("{\"id\":2,\"event\":\"watch-presence\",\"data\":{\"userIds\":[\"" + alice.userId()
                            + "\"]}}");
                    stalled.awaitText("\"id\":2");

                    for (int i = 0; i < MESSAGES; i++) {
                        alice.sends(chat, content(i));
                    }
                    alice.client().ask("set-presence", "{\"status\":\"away\"}");
                    alice.client().ask("set-presence", "{\"status\":\"busy\"}");
                    assertThat(stalled.awaitText("\"busy\""))
                            .contains("\"presence\"")
                            .contains(alice.userId());
                }
            }
        }
    }

    private static int turnedAway(Processes.Running tier) {
        return Rest.get(tier.address(), "/prometheus", null)
                .raw()
                .body()
                .lines()
                .filter(line -> line.startsWith(
                        "parley_connections_closed_total{code=\"" + CloseCode.SLOW_READER.code() + "\""))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static String content(int number) {
        return "%09d ".formatted(number) + FILLER;
    }

    /** Everything that is there up to the end: how each message begins, and how it ended. */
    private static List<String> read(RawSocket socket) {
        List<String> given = new ArrayList<>();
        try {
            while (true) {
                RawSocket.Frame frame = socket.read();
                if (frame.opcode() == 8) {
                    given.add("closed " + frame.closeCode());
                    return given;
                }
                JsonNode event = frame.opcode() == 1 ? Json.parse(frame.text()).orElseThrow() : null;
                if (event != null && Nodes.text(event, "event").equals("new-message")) {
                    given.add(Nodes.text(event, "data", "content").substring(0, 10));
                }
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("it was not sent away", e);
        } catch (IOException closedBefore) {
            given.add("ended");
        }
        return given;
    }
}
