package dev.parley.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Poller;
import dev.parley.testing.RawSocket;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Socket.IO as the official suite has it, and what the suite leaves out. */
class SocketIoConformanceIT {

    private static final String TWO_PLACES = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}";

    private static ConformanceServer server;
    private RawSocket socket;

    @BeforeAll
    static void start() {
        server = ConformanceServer.start(
                0,
                Map.of(
                        "conformance.ping-interval",
                        "1m",
                        "conformance.connect-timeout",
                        "500ms",
                        "conformance.max-payload",
                        2_000));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        socket = RawSocket.open(server.address("/socket.io/?EIO=4&transport=websocket"));
        socket.awaitText("0{");
    }

    @AfterEach
    void leave() throws Exception {
        socket.close();
    }

    private void connected() throws Exception {
        socket.text("40");
        socket.awaitText("42[\"auth\"");
    }

    private String next() throws Exception {
        return socket.read().text();
    }

    @Test
    void namespacesAreConnectedToOneByOne() throws Exception {
        socket.text("40");
        assertThat(next()).matches("40\\{\"sid\":\"[^\"]+\"}");
        assertThat(next()).isEqualTo("42[\"auth\",{}]");
        socket.text("40/custom,{\"token\":\"abc\"}");
        assertThat(next()).matches("40/custom,\\{\"sid\":\"[^\"]+\"}");
        assertThat(next()).isEqualTo("42/custom,[\"auth\",{\"token\":\"abc\"}]");
        socket.text("42/custom,3[\"message-with-ack\",1]");
        assertThat(next()).isEqualTo("43/custom,3[1]");
    }

    @Test
    void anUnknownNamespaceIsRefusedAndTheConnectionStays() throws Exception {
        socket.text("40/random");
        assertThat(next()).isEqualTo("44/random,{\"message\":\"Invalid namespace\"}");
        connected();
    }

    @Test
    void aClientThatConnectsToNothingIsClosed() throws Exception {
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void leavingANamespaceLeavesTheOthers() throws Exception {
        connected();
        socket.text("40/custom");
        socket.awaitText("42/custom,[\"auth\"");
        socket.text("41/custom");
        socket.text("42[\"message\",\"to the main one\"]");
        assertThat(next()).isEqualTo("42[\"message-back\",\"to the main one\"]");
        socket.text("41");
        socket.text("40");
        assertThat(next()).startsWith("40{");
    }

    @Test
    void eventsAndAcknowledgementsKeepTheirArguments() throws Exception {
        connected();
        socket.text("42[\"message\",1,\"2\",{\"3\":[true,null,1.5]}]");
        assertThat(next()).isEqualTo("42[\"message-back\",1,\"2\",{\"3\":[true,null,1.5]}]");
        socket.text("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]");
        assertThat(next()).isEqualTo("43456[1,\"2\",{\"3\":[false]}]");
    }

    @Test
    void binaryEventsAndBinaryAcknowledgementsKeepTheirAttachments() throws Exception {
        connected();
        socket.text("452-[\"message\"," + TWO_PLACES + "]");
        attachments();
        assertThat(next()).isEqualTo("452-[\"message-back\"," + TWO_PLACES + "]");
        awaitAttachments();
        socket.text("452-789[\"message-with-ack\"," + TWO_PLACES + "]");
        attachments();
        assertThat(next()).isEqualTo("462-789[" + TWO_PLACES + "]");
        awaitAttachments();
    }

    private void attachments() throws Exception {
        socket.frame(0x82, new byte[] {1, 2, 3});
        socket.frame(0x82, new byte[] {4, 5, 6});
    }

    private void awaitAttachments() throws Exception {
        assertThat(socket.read().payload()).containsExactly(1, 2, 3);
        assertThat(socket.read().payload()).containsExactly(4, 5, 6);
    }

    @Test
    void theServerAsksAndTakesAcknowledgements() throws Exception {
        connected();
        socket.text("42[\"ask-me\",\"why\"]");
        assertThat(next()).isEqualTo("420[\"question\",\"why\"]");
        socket.text("439[\"nobody asked\"]");
        socket.text("430[\"because\"]");
        assertThat(next()).isEqualTo("42[\"answered\",\"because\"]");
        socket.text("42[\"ask-me\",\"again\"]");
        assertThat(next()).isEqualTo("421[\"question\",\"again\"]");
        socket.text("461-1[{\"_placeholder\":true,\"num\":0}]");
        socket.frame(0x82, new byte[] {7});
        assertThat(next()).isEqualTo("451-[\"answered\",{\"_placeholder\":true,\"num\":0}]");
        assertThat(socket.read().payload()).containsExactly(7);
    }

    @Test
    void aQuestionThatIsNotAcknowledgedInTimeIsGivenUp() throws Exception {
        connected();
        socket.text("42[\"ask-me\"]");
        assertThat(next()).isEqualTo("420[\"question\"]");
        assertThat(next()).isEqualTo("42[\"unanswered\"]");
        socket.text("430[\"too late\"]");
        socket.text("42[\"message\"]");
        assertThat(next()).isEqualTo("42[\"message-back\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4abc",
                "4",
                "42{}",
                "42[]",
                "42[1]",
                "42abc[\"message-with-ack\",1]",
                "44{}",
                "40",
                "41/custom",
                "42/custom,[\"message\"]",
                "4511-[\"message\"]",
                "45-[\"message\"]"
            })
    void anInvalidPacketOrOneAtTheWrongTimeEndsTheConnection(String packet) throws Exception {
        connected();
        socket.text(packet);
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void anEventBeforeConnectEndsTheConnection() throws Exception {
        socket.text("42[\"message\"]");
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void textBetweenAttachmentsEndsTheConnection() throws Exception {
        connected();
        socket.text("452-[\"message\"," + TWO_PLACES + "]");
        socket.frame(0x82, new byte[] {1});
        socket.text("42[\"message\"]");
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void anAttachmentOfNothingEndsTheConnection() throws Exception {
        connected();
        socket.frame(0x82, new byte[] {1});
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void aPlaceholderWithoutAttachmentEndsTheConnection() throws Exception {
        connected();
        socket.text("451-[\"message\",{\"_placeholder\":true,\"num\":1}]");
        socket.frame(0x82, new byte[] {1});
        assertThat(socket.awaitClose()).isEqualTo(1002);
    }

    @Test
    void attachmentsThatAreTooLongTogetherEndTheConnection() throws Exception {
        connected();
        socket.text("452-[\"message\"," + TWO_PLACES + "]");
        socket.frame(0x82, new byte[1_500]);
        socket.frame(0x82, new byte[1_500]);
        assertThat(socket.awaitClose()).isEqualTo(1009);
    }

    @Test
    void allOfItWorksOverPollingToo() throws Exception {
        try (Poller poller = new Poller(server.address("/socket.io/"))) {
            poller.open();
            poller.post("40");
            assertThat(poller.get().body()).startsWith("40{\"sid\":");
            assertThat(poller.get().body()).isEqualTo("42[\"auth\",{}]");
            poller.post("451-5[\"message-with-ack\",{\"_placeholder\":true,\"num\":0}]\u001ebAQID");
            assertThat(poller.get().body()).isEqualTo("461-5[{\"_placeholder\":true,\"num\":0}]\u001ebAQID");
        }
    }
}
