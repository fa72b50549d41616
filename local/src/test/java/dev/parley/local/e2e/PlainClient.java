package dev.parley.local.e2e;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A connection in the plain codec. Answers are matched by id; events queue up until they are asked for. */
final class PlainClient implements WebSocket.Listener {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long TIMEOUT_SECONDS = 15;

    record Event(String name, JsonNode data) {}

    private final StringBuilder partial = new StringBuilder();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final ConcurrentHashMap<Long, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final AtomicLong ids = new AtomicLong();
    private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();
    private CompletableFuture<?> lastSend = CompletableFuture.completedFuture(null);

    static PlainClient connect(String address) {
        PlainClient client = new PlainClient();
        WebSocket opened = await(HTTP.newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(TIMEOUT_SECONDS))
                .buildAsync(URI.create(address.replaceFirst("^http", "ws")), client));
        client.socket.complete(opened);
        return client;
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            JsonNode frame = Json.parse(partial.toString()).orElseThrow();
            partial.setLength(0);
            JsonNode id = frame.get("id");
            if (id != null) {
                answers.computeIfAbsent(id.getLongValue(), i -> new CompletableFuture<>())
                        .complete(frame);
            } else {
                events.add(new Event(Nodes.text(frame, "event"), Nodes.field(frame, "data")));
            }
        }
        webSocket.request(1);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        closed.complete(code);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.completeExceptionally(error);
    }

    /** Sends a request and waits for its answer, whatever it is. */
    JsonNode request(String event, String data) {
        return await(requestLater(event, data));
    }

    CompletableFuture<JsonNode> requestLater(String event, String data) {
        long id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = answers.computeIfAbsent(id, i -> new CompletableFuture<>());
        sendText("{\"id\":%d,\"event\":\"%s\",\"data\":%s}".formatted(id, event, data));
        return answer;
    }

    /** Sends a request and waits for its answer, which must be yes. */
    JsonNode ask(String event, String data) {
        JsonNode answer = request(event, data);
        if (!Nodes.field(answer, "ok").getBooleanValue()) {
            throw new AssertionError(event + " was refused: " + answer.getValue());
        }
        return answer;
    }

    /** The code with which a request is refused. */
    String refusal(String event, String data) {
        return Nodes.text(request(event, data), "error", "code");
    }

    synchronized void sendText(String text) {
        lastSend = lastSend.thenCompose(sent -> await(socket).sendText(text, true));
    }

    synchronized void sendBinary(byte[] bytes) {
        lastSend = lastSend.thenCompose(sent -> await(socket).sendBinary(ByteBuffer.wrap(bytes), true));
    }

    JsonNode awaitEvent(String name) {
        return awaitEvent(name, data -> true);
    }

    /** Waits for such an event, passing over others. */
    JsonNode awaitEvent(String name, Predicate<JsonNode> wanted) {
        List<String> passed = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        try {
            while (true) {
                Event event = events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no such " + name + "; there came " + passed);
                }
                if (event.name().equals(name) && wanted.test(event.data())) {
                    return event.data();
                }
                passed.add(event.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The first event that comes. */
    Event nextEvent() {
        try {
            Event event = events.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("nothing came");
            }
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What has come and was not asked for. */
    List<Event> pending() {
        List<Event> all = new ArrayList<>();
        events.drainTo(all);
        return all;
    }

    int awaitClose() {
        return await(closed);
    }

    boolean isOpen() {
        return !closed.isDone();
    }

    void close() {
        await(socket).abort();
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("not in time, or not at all", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
