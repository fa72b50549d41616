package dev.parley.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.local.ParleyProcess.End;
import dev.parley.local.ParleyProcess.Page;
import dev.parley.local.Rest.User;
import io.micronaut.json.tree.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as a newcomer meets it: started from a shell, killed, started again, started wrongly. */
class EmbeddedModeIT {

    private static final int MESSAGES = 200;
    private static final int SIGTERM_STATUS = 128 + 15;

    @Test
    void whatWasAcknowledgedSurvivesSigkill(@TempDir Path data) throws Exception {
        List<String> contents =
                IntStream.range(0, MESSAGES).mapToObj(i -> "message " + i).toList();
        Page page;
        User alice;
        try (ParleyProcess parley = start(data)) {
            List<Page> pages = parley.awaitGreeting();
            assertThat(pages.stream().map(Page::name)).containsExactly("alice", "bob");
            assertThat(pages.stream().map(Page::address)).doesNotHaveDuplicates();
            page = pages.getFirst();
            try (Rest rest = new Rest(page.address())) {
                alice = rest.login(page.name(), page.password());
                String chat = rest.onlyChat(alice);
                try (PlainSocket socket = new PlainSocket(page.address(), alice)) {
                    List<CompletableFuture<JsonNode>> acks = new ArrayList<>();
                    for (String content : contents) {
                        acks.add(socket.sends(chat, content));
                    }
                    for (CompletableFuture<JsonNode> ack : acks) {
                        assertThat(ack.get(10, TimeUnit.SECONDS)).isNotNull();
                    }
                    var unused = rest.register("carol");
                    parley.kill();
                }
            }
        }

        try (ParleyProcess parley = start(data)) {
            for (Page again : parley.awaitGreeting()) {
                try (Rest rest = new Rest(again.address())) {
                    User person = rest.login(again.name(), again.password());
                    String chat = rest.onlyChat(person);
                    assertThat(contents(rest.historyBackwards(person, chat))).isEqualTo(contents);
                    // The token of before is still good.
                    assertThat(contents(rest.historyForwards(alice, chat))).isEqualTo(contents);
                    assertThat(rest.login("carol", Rest.PASSWORD).name()).isEqualTo("carol");
                }
            }
            var unused = parley.terminate();
        }
    }

    private static ParleyProcess start(Path data) throws Exception {
        return ParleyProcess.start(Map.of(), "--no-rate-limits", "--ports", "0,0", "--data", data.toString());
    }

    private static List<String> contents(List<JsonNode> messages) {
        return messages.stream().map(message -> Rest.text(message, "content")).toList();
    }

    @Test
    void sigtermEndsItAndItsServers() throws Exception {
        try (ParleyProcess parley = ParleyProcess.start(Map.of(), "--ports", "0,0")) {
            assertThat(parley.awaitGreeting()).hasSize(2);

            End end = parley.terminate();
            assertThat(end.code()).isEqualTo(SIGTERM_STATUS);
            assertThat(end.errors()).isEmpty();
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ParleyProcess parley = ParleyProcess.start(Map.of(), "--ports", "0," + taken.getLocalPort())) {
            End end = parley.awaitEnd();
            assertThat(end.code()).isEqualTo(1);
            assertThat(end.errors()).singleElement().asString().contains("port " + taken.getLocalPort(), "--ports");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Redis, REDIS_URI, redis://127.0.0.1:%d",
        "RabbitMQ, RABBITMQ_URI, amqp://127.0.0.1:%d",
        "MongoDB, MONGODB_URI, mongodb://127.0.0.1:%d/parley"
    })
    void aGivenServerThatDoesNotAnswerIsNamed(String server, String variable, String uri) throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (ParleyProcess parley = ParleyProcess.start(Map.of(variable, uri.formatted(port)), "--ports", "0,0")) {
            End end = parley.awaitEnd();
            assertThat(end.code()).isEqualTo(1);
            assertThat(end.errors()).singleElement().asString().contains(server + " does not answer", variable);
        }
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheUsage() throws Exception {
        try (ParleyProcess parley = ParleyProcess.start(Map.of(), "--prots", "0,0")) {
            End end = parley.awaitEnd();
            assertThat(end.code()).isEqualTo(2);
            assertThat(end.errors().getFirst()).contains("--prots");
            assertThat(end.errors()).anyMatch(line -> line.startsWith("Usage: ./parley"));
        }
    }
}
