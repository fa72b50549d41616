package dev.parley.local;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A plain JSON WebSocket of one user; one thread at a time may send. */
final class PlainSocket implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final WebSocket socket;
    private long lastId;

    PlainSocket(String address, Rest.User user) throws ExecutionException, InterruptedException, TimeoutException {
        this.socket = http.newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .header("Authorization", "Bearer " + user.token())
                .buildAsync(URI.create(address.replaceFirst("^http", "ws") + "/ws"), new Reader())
                .get(10, TimeUnit.SECONDS);
        connected.get(10, TimeUnit.SECONDS);
    }

    /** Sends a message; the future completes with its acknowledgement and fails with a refusal. */
    CompletableFuture<JsonNode> sends(String chatId, String content)
            throws ExecutionException, InterruptedException, TimeoutException {
        long id = ++lastId;
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        String frame = "{\"id\":%d,\"event\":\"send-message\",\"data\":{\"chatId\":\"%s\",\"content\":\"%s\"}}"
                .formatted(id, chatId, content);
        socket.sendText(frame, true).get(10, TimeUnit.SECONDS);
        return answer;
    }

    private void read(JsonNode frame) {
        JsonNode id = frame.get("id");
        JsonNode event = frame.get("event");
        if (id != null && id.isNumber()) {
            CompletableFuture<JsonNode> answer = waiting.remove(id.getLongValue());
            if (answer == null) {
                throw new AssertionError("an answer that nobody waits for: " + id.getLongValue());
            } else if ("true".equals(Rest.text(frame, "ok"))) {
                answer.complete(frame);
            } else {
                answer.completeExceptionally(new AssertionError("refused"));
            }
        } else if (event != null && event.getStringValue().equals("connected")) {
            connected.complete(null);
        }
    }

    private final class Reader implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String frame = text.toString();
                text.setLength(0);
                read(Json.parse(frame).orElseThrow(() -> new AssertionError("not JSON: " + frame)));
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end(new AssertionError("closed with " + code + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            end(failure);
        }

        private void end(Throwable why) {
            connected.completeExceptionally(why);
            waiting.values().forEach(answer -> answer.completeExceptionally(why));
        }
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
