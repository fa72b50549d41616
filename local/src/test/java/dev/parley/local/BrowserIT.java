package dev.parley.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.Rest.User;
import dev.parley.testing.Await;
import dev.parley.testing.TestMongo;
import dev.parley.testing.TestRabbit;
import dev.parley.testing.TestRedis;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The page in two browsers, each on an instance of its own; the instances on real servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserIT {

    private static final int PHONE_WIDTH = 360;

    private LocalParley parley;
    private Rest api;
    private Browser left;
    private Browser right;

    @RegisterExtension
    final AfterTestExecutionCallback screenshots = context -> {
        if (context.getExecutionException().isPresent()) {
            String name = context.getRequiredTestMethod().getName();
            left.screenshot(name + "-left");
            right.screenshot(name + "-right");
        }
    };

    @BeforeAll
    void start(@TempDir Path profiles) throws IOException {
        left = Browser.start(profiles.resolve("left"));
        right = Browser.start(profiles.resolve("right"));
        parley = LocalParley.start(new Options(
                null,
                List.of(0, 0),
                false,
                TestRedis.shared().uri(),
                TestRabbit.shared().newVirtualHost(),
                TestMongo.shared().newDatabase()));
        api = new Rest(parley.addresses().getFirst());
    }

    @AfterEach
    void nothingSevereInTheConsole() {
        assertThat(left.severeMessages()).isEmpty();
        assertThat(right.severeMessages()).isEmpty();
    }

    @AfterAll
    void end() {
        left.close();
        right.close();
        api.close();
        parley.close();
    }

    @Test
    void twoPeopleMeetAndTalk() {
        PageWindow alice = left.open(parley.addresses().getFirst());
        PageWindow bob = right.open(parley.addresses().getLast());
        bob.registers("talk-bob", "Bob");
        alice.registers("talk-alice", "Alice");

        // Bob is there before the chat is: it appears in his list, and what is written in it.
        alice.startsChatWith("talk-bob");
        bob.seesChatInList("Alice", "No messages yet");
        alice.writes("Hello Bob");
        bob.seesChatInList("Alice", "Hello Bob");
        bob.opensChat("Alice");
        bob.seesMessages(List.of("Hello Bob"));

        alice.seesPresence("Bob", "online");
        bob.seesPresence("Alice", "online");
        bob.chooses("Busy");
        alice.seesPresence("Bob", "busy");
        bob.chooses("Online");
        alice.seesPresence("Bob", "online");

        bob.beginsToType("Hel");
        alice.seesTyping("Bob is typing…");
        bob.breaksOffTyping();
        alice.seesNobodyTyping();
        bob.beginsToType("Hello");
        alice.seesTyping("Bob is typing…");
        bob.writes("Hello Alice");
        alice.seesMessages(List.of("Hello Bob", "Hello Alice"));
        alice.seesNobodyTyping();

        String nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        alice.writes(nasty);
        List<String> all = List.of("Hello Bob", "Hello Alice", nasty);
        bob.seesMessages(all);
        alice.seesMessages(all);
        alice.seesAllSent();
        assertThat(alice.hasDialog()).isFalse();
        assertThat(bob.hasDialog()).isFalse();

        alice.reloads();
        alice.seesMessages(all);
        bob.writes("Welcome back");
        alice.seesLast("Welcome back");
    }

    @Test
    void historyIsThereOnScrollingAfterReloadingAndInTheSearch() throws Exception {
        User alice = api.register("past-alice");
        User bob = api.register("past-bob");
        List<String> lines = new ArrayList<>(
                IntStream.range(0, 120).mapToObj(i -> "line " + i).toList());
        lines.set(3, "the rhinoceros is in line 3");
        sendAll(alice, api.directChat(alice, bob), lines);
        Await.until("it is in the index", () -> !api.search(bob, "rhinoceros").isEmpty());

        PageWindow window = right.open(parley.addresses().getLast());
        window.signsIn("past-bob");
        window.opensChat("past-alice");
        window.seesLast("line 119");
        assertThat(window.messages()).hasSizeLessThan(120);
        window.scrollsUpTo("line 0");
        window.seesMessages(lines);

        window.reloads();
        window.seesLast("line 119");
        window.searches("rhinoceros");
        window.opensOnlyResult("the rhinoceros is in line 3");
        window.hasInView("the rhinoceros is in line 3");
    }

    private void sendAll(User sender, String chat, List<String> lines) throws Exception {
        try (PlainSocket socket = new PlainSocket(parley.addresses().getFirst(), sender)) {
            List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
            for (String line : lines) {
                acks.add(socket.sends(chat, line));
            }
            for (CompletableFuture<JsonNode> ack : acks) {
                assertThat(ack.get(10, TimeUnit.SECONDS)).isNotNull();
            }
        }
    }

    @Test
    void aRestartIsAnnouncedAndNothingIsMissed() throws Exception {
        PageWindow alice = left.open(parley.addresses().getFirst());
        PageWindow bob = right.open(parley.addresses().getLast());
        bob.registers("restart-bob", "Bob");
        alice.registers("restart-alice", "Alice");
        alice.startsChatWith("restart-bob");
        alice.writes("before");
        bob.opensChat("Alice");

        FutureTask<Void> restart = new FutureTask<>(() -> {
            parley.restart(1);
            return null;
        });
        Thread.ofVirtual().start(restart);
        alice.isToldOfARestart();
        bob.writes("meanwhile");
        restart.get(30, TimeUnit.SECONDS);
        alice.isConnected();
        alice.seesMessages(List.of("before", "meanwhile"));
        alice.writes("after");
        bob.seesMessages(List.of("before", "meanwhile", "after"));
        alice.seesAllSent();
        assertThat(left.severeMessages())
                .as("only that the instance refused handshakes, and then was away")
                .allMatch(text -> text.contains("WebSocket connection") || text.contains("Failed to load resource"));
    }

    @Test
    void nothingSticksOutOnAPhone() throws Exception {
        User alice = api.register("phone-alice");
        User bob = api.register("phone-bob");
        String long1 = "a".repeat(300);
        String long2 = "https://example.org/" + "path/".repeat(60) + " and some words behind it";
        sendAll(alice, api.directChat(alice, bob), List.of(long1, long2));

        PageWindow window = left.open(parley.addresses().getFirst());
        left.likeAPhone(PHONE_WIDTH, 740);
        try {
            assertThat(window.width()).isEqualTo(PHONE_WIDTH);
            assertThat(window.overflow()).as("signing in").isZero();
            window.signsIn("phone-bob");
            window.seesChatInList("phone-alice", "https://example.org/");
            assertThat(window.overflow()).as("list").isZero();
            window.opensChat("phone-alice");
            window.seesMessages(List.of(long1, long2));
            assertThat(window.overflow()).as("conversation").isZero();
        } finally {
            left.likeADesktop();
        }
    }
}
