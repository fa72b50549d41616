package dev.parley.local.faults.people;

import dev.parley.wire.Json;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One WebSocket in the plain codec. Each frame is parsed once; answers are matched by id, the rest is events. */
final class Line implements WebSocket.Listener {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** What comes without being asked for; called in order, by one thread at a time. */
    interface Listener {

        void heard(Line line, String event, JsonNode data);

        /** The line has ended; once, and nothing comes after it. */
        void lost(Line line);
    }

    private final String tier;
    private final Listener listener;
    private final StringBuilder partial = new StringBuilder();
    private final ConcurrentHashMap<Long, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable WebSocket socket;
    private CompletableFuture<?> lastSend = CompletableFuture.completedFuture(null);

    private Line(String tier, Listener listener) {
        this.tier = tier;
        this.listener = listener;
    }

    /** Opens a line; fails where there is nobody, and then the listener hears nothing. */
    static CompletableFuture<Line> open(HttpClient http, Tiers.Tier tier, String token, Listener listener) {
        Line line = new Line(tier.name(), listener);
        URI uri = URI.create("ws://127.0.0.1:" + tier.port() + "/ws?token=" + token);
        return http.newWebSocketBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .buildAsync(uri, line)
                .thenApply(opened -> line);
    }

    String tier() {
        return tier;
    }

    boolean isOver() {
        return over.get();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        socket = webSocket;
        webSocket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            JsonNode frame = Json.parse(partial.toString()).orElseThrow();
            partial.setLength(0);
            take(frame);
        }
        webSocket.request(1);
        return null;
    }

    private void take(JsonNode frame) {
        JsonNode id = frame.get("id");
        if (id != null) {
            CompletableFuture<Answer> answer = waiting.remove(id.getLongValue());
            if (answer != null) {
                answer.complete(Answer.of(frame));
            }
            return;
        }
        JsonNode event = frame.get("event");
        JsonNode data = frame.get("data");
        if (event != null && data != null && !over.get()) {
            listener.heard(this, event.getStringValue(), data);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        end("closed with " + code);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        end(error.toString());
    }

    private void end(String why) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        WebSocket opened = socket;
        if (opened != null) {
            opened.abort();
        }
        listener.lost(this);
        IllegalStateException lost = new IllegalStateException("the line was lost: " + why);
        waiting.values().forEach(answer -> answer.completeExceptionally(lost));
        waiting.clear();
    }

    /** Sends a request. The answer fails with the line, or when there is none in time. */
    CompletableFuture<Answer> request(String event, String data, Duration timeout) {
        long id = ids.incrementAndGet();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        send("{\"id\":" + id + ",\"event\":\"" + event + "\",\"data\":" + data + "}");
        if (over.get()) {
            answer.completeExceptionally(new IllegalStateException("the line is lost"));
        }
        return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, failure) -> waiting.remove(id));
    }

    /** Whether a request failed only because there was no answer in time. */
    static boolean isTimeout(@Nullable Throwable failure) {
        return failure instanceof TimeoutException
                || (failure instanceof CompletionException && failure.getCause() instanceof TimeoutException);
    }

    private synchronized void send(String text) {
        WebSocket opened = socket;
        if (opened != null) {
            lastSend = lastSend.thenCompose(sent -> opened.sendText(text, true));
        }
    }

    /** Ends it as a lost network does. */
    void abort() {
        end("aborted");
    }
}
