package dev.parley.queue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters, for the people who decide what becomes of them. Implementations as for {@link QueuePublisher}. Blocking;
 * thread-safe: operations on one queue wait for each other. Another instance that looks at the same moment may not see what
 * is being looked at here. Fails as every call to a server does where the broker is away.
 */
public interface DeadLetters {

    /** Most letters in one list. */
    int MAX_LIMIT = 100;

    /** Only so many letters of a queue, from the oldest on, are searched for an id, or replayed in one go. */
    int MAX_SCAN = 10_000;

    /** Headers of a letter: how often the event has failed, */
    String ATTEMPT = "x-parley-attempt";

    /** why it failed last, */
    String REASON = "x-parley-reason";

    /** in which queue it was, */
    String ORIGIN = "x-parley-origin";

    /** and when, ISO 8601. */
    String FAILED_AT = "x-parley-failed-at";

    /**
     * What happened to a message that the broker itself made a dead letter, as {@code expired}.
     *
     * @param at ISO 8601
     */
    record Death(
            String reason, @Nullable String queue, @Nullable String at) {}

    /**
     * A dead letter.
     *
     * @param id of its body: the same for the same message, wherever it lies
     * @param attempts how often a function failed on it; 0 where none saw it
     * @param failedAt ISO 8601; null where nobody knows
     * @param body as text, at most {@link #MAX_BODY} bytes of it
     * @param bodyBytes how long the whole body is
     */
    record Letter(
            String id,
            QueueName queue,
            String reason,
            long attempts,
            String origin,
            @Nullable String failedAt,
            int priority,
            String body,
            int bodyBytes) {

        public static final int MAX_BODY = 16_384;
        private static final int ID_BYTES = 12;

        public static Letter of(Delivery delivery, @Nullable Death death) {
            Map<String, Object> headers = delivery.headers();
            byte[] body = delivery.body();
            String reason = text(headers.get(REASON));
            String origin = text(headers.get(ORIGIN));
            String failedAt = text(headers.get(FAILED_AT));
            if (death != null) {
                reason = reason == null ? death.reason() : reason;
                origin = origin == null ? death.queue() : origin;
                failedAt = failedAt == null ? death.at() : failedAt;
            }
            return new Letter(
                    idOf(body),
                    delivery.queue(),
                    reason == null ? "unknown" : reason,
                    headers.get(ATTEMPT) instanceof Number number ? number.longValue() : 0,
                    origin == null ? delivery.queue().brokerName() : origin,
                    failedAt,
                    delivery.priority(),
                    new String(body, 0, Math.min(body.length, MAX_BODY), StandardCharsets.UTF_8),
                    body.length);
        }

        /** The first 24 hex digits of the body's SHA-256. */
        public static String idOf(byte[] body) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
                return HexFormat.of().formatHex(hash, 0, ID_BYTES);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        private static @Nullable String text(@Nullable Object header) {
            return header == null ? null : header.toString();
        }
    }

    /** The letter as it goes back to its queue: as when it was new, without the counts and marks of what happened to it. */
    static Publication again(Delivery letter) {
        Map<String, Object> headers = new HashMap<>(letter.headers());
        headers.keySet().removeIf(name -> name.startsWith("x-"));
        return new Publication(new Address.Main(letter.queue()), letter.body(), letter.priority(), headers);
    }

    /** How many there are of each queue. */
    Map<QueueName, Long> counts();

    /** The oldest letters, at most {@link #MAX_LIMIT}. */
    List<Letter> list(QueueName queue, int limit);

    Optional<Letter> find(QueueName queue, String id);

    /**
     * Publishes the letter to its queue and, once that is confirmed, removes it. A crash in between leaves both, which is
     * harmless: consumers are idempotent.
     *
     * @return false where there is no such letter (any more)
     */
    boolean replay(QueueName queue, String id);

    /** Replays those that are there now; answers how many. */
    long replayAll(QueueName queue);

    /** Removes the letter; false where there is no such letter (any more). */
    boolean drop(QueueName queue, String id);

    /** Removes all; answers how many. */
    long dropAll(QueueName queue);
}
