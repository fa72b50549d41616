package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.LocalParley;
import dev.parley.testing.Await;
import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** People on two tier instances talk to each other. */
class ConversationIT {

    private static final LocalParley PARLEY = Parleys.shared();
    private static final String FIRST = PARLEY.addresses().get(0);
    private static final String SECOND = PARLEY.addresses().get(1);

    private Person alice = Person.registered(FIRST, "Alice");
    private Person bob = Person.registered(SECOND, "Bob");

    @BeforeEach
    void connect() {
        alice.connects();
        bob.connects();
    }

    @AfterEach
    void leave() {
        alice.close();
        bob.close();
    }

    @Test
    void aMessageReachesTheOtherInstanceAndComesBackOutOfHistory() throws Exception {
        String chat = alice.chatWith(bob);
        alice.joins(chat);
        bob.joins(chat);

        JsonNode acked = alice.sends(chat, "hello bob");
        JsonNode received = bob.receives("hello bob");

        assertThat(Nodes.text(received, "messageId")).isEqualTo(Nodes.text(acked, "messageId"));
        assertThat(Nodes.number(received, "seq")).isEqualTo(Nodes.number(acked, "seq"));
        assertThat(Nodes.text(received, "senderId")).isEqualTo(alice.userId());
        assertThat(alice.receives("hello bob")).as("the sender sees it too").isEqualTo(received);
        assertThat(bob.history(chat)).containsExactly(received);
        Await.until("it is the latest message of the chat", () -> {
            JsonNode chats =
                    Rest.get(SECOND, "/api/chats?limit=10", bob.token()).body();
            JsonNode latest = Nodes.field(Nodes.list(chats, "chats").getFirst(), "latestMessage");
            return !latest.isNull() && Nodes.text(latest, "content").equals("hello bob");
        });
        Await.until("it is found by its words", () -> found(bob, "hel") == 1);
        try (Person eve = Person.registered(FIRST, "Eve")) {
            assertThat(found(eve, "hel")).as("for others it does not exist").isZero();
        }
    }

    private static int found(Person person, String query) {
        return Nodes.list(
                        Rest.get(FIRST, "/api/search?q=" + query, person.token())
                                .body(),
                        "messages")
                .size();
    }

    @Test
    void everybodySeesOneOrder() throws Exception {
        try (Person carol = Person.registered(FIRST, "Carol").connects()) {
            String group = alice.groupWith("Team", List.of(bob, carol));
            List<Person> people = List.of(alice, bob, carol);
            people.forEach(person -> person.joins(group));

            List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                for (Person person : people) {
                    acks.add(person.client()
                            .requestLater("send-message", Person.message(group, person.username() + i, "m" + i)));
                }
            }
            for (CompletableFuture<JsonNode> ack : acks) {
                assertThat(Nodes.field(ack.get(20, TimeUnit.SECONDS), "ok").getBooleanValue())
                        .isTrue();
            }
            List<JsonNode> history = alice.historyOf(group, 300);
            assertThat(history).hasSize(300);
            for (Person person : people) {
                List<JsonNode> live = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    live.add(person.client().awaitEvent("new-message"));
                }
                assertThat(live).isEqualTo(history);
            }
            for (int i = 1; i < history.size(); i++) {
                assertThat(Nodes.number(history.get(i), "prevSeq")).isEqualTo(Nodes.number(history.get(i - 1), "seq"));
            }
        }
    }

    @Test
    void messagesOfOneSenderKeepTheirOrderWhilePipelined() throws Exception {
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        for (int i = 0; i < 200; i++) {
            alice.client()
                    .sendText("{\"event\":\"send-message\",\"data\":{\"chatId\":\"%s\",\"content\":\"n%d\"}}"
                            .formatted(chat, i));
        }
        List<String> received = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            received.add(Nodes.text(bob.client().awaitEvent("new-message"), "content"));
        }
        assertThat(received)
                .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "n" + i).toList());
        for (int i = 0; i < 200; i++) {
            assertThat(Nodes.text(alice.client().awaitEvent("message-sent"), "chatId"))
                    .isEqualTo(chat);
        }
    }

    @Test
    void aResendIsTheSameMessage() throws Exception {
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        JsonNode first = alice.sends(chat, "once", "same-id");
        JsonNode second = alice.sends(chat, "once", "same-id");
        alice.sends(chat, "after");

        assertThat(second).isEqualTo(first);
        bob.receives("once");
        assertThat(Nodes.text(bob.client().awaitEvent("new-message"), "content"))
                .isEqualTo("after");
        assertThat(bob.history(chat)).hasSize(2);
    }

    @Test
    void whoComesBackGetsWhatWasMissedThenTheLiveFeed() throws Exception {
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        alice.sends(chat, "before");
        long lastSeq = Nodes.number(bob.receives("before"), "seq");
        bob.leaves();
        for (int i = 0; i < 150; i++) {
            alice.sends(chat, "missed " + i);
        }
        bob.connectsTo(FIRST);
        bob.joinsAfter(chat, lastSeq);
        alice.sends(chat, "live");

        List<String> received = new ArrayList<>();
        for (int i = 0; i < 151; i++) {
            received.add(Nodes.text(bob.client().awaitEvent("new-message"), "content"));
        }
        assertThat(received.getFirst()).isEqualTo("missed 0");
        assertThat(received.get(149)).isEqualTo("missed 149");
        assertThat(received.get(150)).isEqualTo("live");
    }

    @Test
    void manyReadHistoryAtTheSameTime() throws Exception {
        String chat = alice.chatWith(bob);
        alice.sends(chat, "read by many");
        String path = "/api/chats/" + chat + "/messages?limit=10";
        List<Future<Integer>> statuses = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                statuses.add(readers.submit(
                        () -> Rest.get(FIRST, path, alice.token()).status()));
            }
            for (Future<Integer> status : statuses) {
                assertThat(status.get(30, TimeUnit.SECONDS)).isEqualTo(200);
            }
        }
    }

    @Test
    void resumingWhileMessagesPourInLeavesNoGapAndRepeatsNothing() throws Exception {
        String chat = alice.chatWith(bob);
        long from = Nodes.number(alice.sends(chat, "start"), "seq");
        bob.leaves();
        List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            acks.add(alice.client().requestLater("send-message", Person.message(chat, "p" + i, "p" + i)));
            if (i == 200) {
                bob.connects();
                bob.client()
                        .requestLater(
                                "join-chats",
                                "{\"chatIds\":[\"%s\"],\"lastSeqs\":{\"%s\":%d}}".formatted(chat, chat, from));
            }
        }
        for (CompletableFuture<JsonNode> ack : acks) {
            ack.get(20, TimeUnit.SECONDS);
        }
        List<String> received = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            received.add(Nodes.text(bob.client().awaitEvent("new-message"), "content"));
        }
        assertThat(received)
                .isEqualTo(IntStream.range(0, 400).mapToObj(i -> "p" + i).toList());
        assertThat(bob.client().pending()).noneMatch(event -> event.name().equals("new-message"));
    }

    @Test
    void joiningAgainWhileMessagesPourInLosesNothing() throws Exception {
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            acks.add(alice.client().requestLater("send-message", Person.message(chat, "r" + i, "r" + i)));
            if (i % 30 == 0) {
                acks.add(bob.client().requestLater("join-chats", "{\"all\":true}"));
            }
        }
        for (CompletableFuture<JsonNode> ack : acks) {
            assertThat(Nodes.field(ack.get(20, TimeUnit.SECONDS), "ok").getBooleanValue())
                    .isTrue();
        }
        List<String> received = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            received.add(Nodes.text(bob.client().awaitEvent("new-message"), "content"));
        }
        assertThat(received)
                .isEqualTo(IntStream.range(0, 300).mapToObj(i -> "r" + i).toList());
    }

    @Test
    void aSeqFromTheFutureDoesNotSilenceTheFeed() {
        String chat = alice.chatWith(bob);
        bob.joinsAfter(chat, 9007199254740991L);
        alice.sends(chat, "heard");
        bob.receives("heard");
    }

    @Test
    void tooLargeAGapIsSaidAndNotSentInPart() throws Exception {
        String chat = alice.chatWith(bob);
        long from = Nodes.number(alice.sends(chat, "start"), "seq");
        List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
        for (int i = 0; i < 1_001; i++) {
            acks.add(alice.client().requestLater("send-message", Person.message(chat, "g" + i, "g" + i)));
        }
        for (CompletableFuture<JsonNode> ack : acks) {
            ack.get(20, TimeUnit.SECONDS);
        }
        long head = Nodes.number(
                Nodes.list(bob.joinsAfter(chat, from), "data", "joined").getFirst(), "headSeq");

        JsonNode resync = bob.client().awaitEvent("resync");
        assertThat(Nodes.text(resync, "chatId")).isEqualTo(chat);
        assertThat(Nodes.number(resync, "headSeq")).isEqualTo(head);
        alice.sends(chat, "live");
        assertThat(Nodes.text(bob.client().awaitEvent("new-message"), "content"))
                .isEqualTo("live");
    }

    @Test
    void aGapOfTooManyBytesIsSaidToo() throws Exception {
        String chat = alice.chatWith(bob);
        long from = Nodes.number(alice.sends(chat, "start"), "seq");
        for (int i = 0; i < 100; i++) {
            alice.sends(chat, "x".repeat(16_000) + i);
        }
        bob.joinsAfter(chat, from);

        assertThat(Nodes.text(bob.client().awaitEvent("resync"), "chatId")).isEqualTo(chat);
        alice.sends(chat, "live");
        assertThat(Nodes.text(bob.client().awaitEvent("new-message"), "content"))
                .isEqualTo("live");
    }

    @Test
    void typingIsShownAndNotKept() {
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        alice.client().ask("typing", "{\"chatId\":\"" + chat + "\",\"isTyping\":true}");

        JsonNode typing = bob.client().awaitEvent("user-typing");
        assertThat(Nodes.text(typing, "userId")).isEqualTo(alice.userId());
        assertThat(Nodes.field(typing, "isTyping").getBooleanValue()).isTrue();
        assertThat(bob.history(chat)).isEmpty();
    }

    @Test
    void aNewChatIsAnnouncedToItsMembers() {
        String chat = alice.chatWith(bob);

        JsonNode created = bob.client().awaitEvent("chat-created");
        assertThat(Nodes.text(created, "chatId")).isEqualTo(chat);
        assertThat(Nodes.text(created, "createdBy")).isEqualTo(alice.userId());
        assertThat(alice.chatWith(bob)).as("creating it again").isEqualTo(chat);
        assertThat(bob.chatWith(alice)).as("from the other side").isEqualTo(chat);
    }

    @Test
    void whoHasLeftIsToldNothingMore() {
        String chat = alice.chatWith(bob);
        alice.joins(chat);
        bob.joins(chat);
        bob.client().ask("leave-chats", "[\"" + chat + "\"]");
        alice.sends(chat, "unheard");
        bob.client().ask("ping", "{}");

        assertThat(bob.client().pending()).noneMatch(event -> event.name().equals("new-message"));
    }

    @Test
    void allChatsAreJoinedAtOnce() {
        String first = alice.chatWith(bob);
        String second = alice.groupWith("Two", List.of(bob));
        JsonNode joined = bob.client().ask("join-chats", "{\"all\":true}");

        assertThat(Nodes.list(joined, "data", "joined").stream().map(chat -> Nodes.text(chat, "chatId")))
                .containsExactlyInAnyOrder(first, second);
        alice.sends(second, "hi all");
        bob.receives("hi all");
    }
}
