package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.LocalParley;
import dev.parley.testing.Poller;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP long-polling as a client that decides by itself what it sends: what holds for a WebSocket holds here. */
class PollingIT {

    private static final LocalParley PARLEY = Parleys.shared();
    private static final String FIRST = PARLEY.addresses().get(0);
    private static final String SECOND = PARLEY.addresses().get(1);
    private static final Pattern ACKNOWLEDGED = Pattern.compile("43(\\d+)\\[\\{\"ok\":true");

    private final Person alice = Person.registered(FIRST, "Alice");
    private final Poller poller = new Poller(FIRST + "/socket.io/");

    @BeforeEach
    void connect() throws Exception {
        poller.open();
    }

    @AfterEach
    void leave() {
        poller.close();
        alice.close();
    }

    private String letIn(Poller client) throws Exception {
        client.post("40{\"token\":\"" + alice.token() + "\"}");
        return client.await("\"connected\"");
    }

    @Test
    void aTokenMayComeWithTheFirstRequest() throws Exception {
        try (Poller early = new Poller(FIRST + "/socket.io/")) {
            early.open("&token=" + alice.token());
            early.post("40");
            assertThat(early.await("\"connected\"")).contains(alice.userId());
        }
    }

    @Test
    void withoutATokenNothingIsAllowedAndABadOneIsRefused() throws Exception {
        poller.post("40{\"token\":\"rubbish\"}");
        assertThat(poller.await("44{")).contains("TOKEN_INVALID");
        poller.post("40");
        assertThat(poller.await("40{")).contains("sid");
        poller.post("421[\"join-chats\",{\"all\":true}]");
        assertThat(poller.await("431[")).contains("UNAUTHENTICATED");
    }

    @Test
    void messagesGoBothWays() throws Exception {
        Person bob = Person.registered(SECOND, "Bob");
        bob.connects();
        alice.connects();
        String chat = alice.chatWith(bob);
        bob.joins(chat);
        letIn(poller);
        poller.post("421[\"join-chats\",{\"chatIds\":[\"" + chat + "\"]}]");
        poller.await("431[");

        poller.post("422[\"send-message\"," + Person.message(chat, "from a poller", "p-1") + "]");
        bob.receives("from a poller");

        assertThat(poller.await("432[")).contains("\"ok\":true").contains("from a poller");
        bob.close();
    }

    /** Far more than may be under way at once: the POST waits until all of them were taken. */
    @Test
    void aBodyOfManyRequestsIsAnsweredInFull() throws Exception {
        letIn(poller);
        StringBuilder body = new StringBuilder();
        Set<String> due = new HashSet<>();
        for (int id = 0; id < 2_000; id++) {
            body.append(id == 0 ? "" : "\u001e").append("42").append(id).append("[\"ping\"]");
            due.add(Integer.toString(id));
        }

        assertThat(poller.post(body.toString()).body()).isEqualTo("ok");

        while (!due.isEmpty()) {
            Matcher answers = ACKNOWLEDGED.matcher(poller.await("43"));
            while (answers.find()) {
                due.remove(answers.group(1));
            }
        }
    }

    @Test
    void whoeverLeavesTheNamespaceIsDisconnected() throws Exception {
        letIn(poller);
        poller.post("41");
        String last = poller.get().body();
        assertThat(last).endsWith("1");
        assertThat(poller.get().statusCode()).isEqualTo(400);
    }

    @Test
    void anotherInstanceDoesNotKnowTheSession() throws Exception {
        try (Poller elsewhere = new Poller(SECOND + "/socket.io/")) {
            assertThat(elsewhere
                            .send("GET", "?EIO=4&transport=polling&sid=" + poller.sid(), "")
                            .body())
                    .isEqualTo("{\"code\":1,\"message\":\"Session ID unknown\"}");
        }
    }
}
