package dev.parley.local.faults.check;

/**
 * Something that happened to a message, as a client saw it. A message is known by the chat and its {@code key}, the
 * clientMessageId, which is unique in a run; {@code at} is in nanoseconds of the run's clock.
 */
public sealed interface Entry {

    long at();

    String chat();

    /** A request went out; again for each resend. */
    record Sent(long at, String user, String tier, String chat, String key, String content) implements Entry {}

    record Acked(long at, String user, String tier, String chat, String key, String messageId, long seq)
            implements Entry {}

    /** @param forGood whether there was no retry time, so that the sender gives up */
    record Refused(long at, String user, String tier, String chat, String key, String code, boolean forGood)
            implements Entry {}

    /** @param effect what it changed in what the client holds */
    record Received(
            long at,
            String user,
            String tier,
            String chat,
            String messageId,
            long seq,
            String sender,
            String key,
            Effect effect)
            implements Entry {}

    /** @param removed whether the client held the message at that seq */
    record Retracted(long at, String user, String tier, String chat, String messageId, long seq, boolean removed)
            implements Entry {}

    /** What a client did to hold a chat whole, or was told about it. */
    record Noted(long at, String user, String tier, String chat, String what) implements Entry {}

    /** What a received message changed. */
    enum Effect {
        NEW,
        DUPLICATE,
        /** The id is held at another seq; the first is kept. */
        OTHER_SEQ
    }
}
