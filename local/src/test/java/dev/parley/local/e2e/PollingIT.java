package dev.parley.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.LocalParley;
import dev.parley.testing.Poller;
import java.net.http.HttpResponse;
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
        return await(client, "\"connected\"");
    }

    /** The next body that has {@code part} in it, with those before it. */
    private static String await(Poller client, String part) throws Exception {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(part) < 0) {
            HttpResponse<String> answer = client.get();
            assertThat(answer.statusCode())
                    .as("%s behind %s", answer.body(), seen)
                    .isEqualTo(200);
            seen.append(answer.body()).append('\u001e');
        }
        return seen.toString();
    }

    @Test
    void aTokenMayComeWithTheFirstRequest() throws Exception {
        try (Poller early = new Poller(FIRST + "/socket.io/")) {
            early.open("&token=" + alice.token());
            early.post("40");
            assertThat(await(early, "\"connected\"")).contains(alice.userId());
        }
    }

    @Test
    void withoutATokenNothingIsAllowedAndABadOneIsRefused() throws Exception {
        poller.post("40{\"token\":\"rubbish\"}");
        assertThat(await(poller, "44{")).contains("TOKEN_INVALID");
        poller.post("40");
        assertThat(await(poller, "40{")).contains("sid");
        poller.post("421[\"join-chats\",{\"all\":true}]");
        assertThat(await(poller, "431[")).contains("UNAUTHENTICATED");
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
        await(poller, "431[");

        poller.post("422[\"send-message\"," + Person.message(chat, "from a poller", "p-1") + "]");
        bob.receives("from a poller");

        assertThat(await(poller, "432[")).contains("\"ok\":true").contains("from a poller");
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
            Matcher answers = ACKNOWLEDGED.matcher(poller.get().body());
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
