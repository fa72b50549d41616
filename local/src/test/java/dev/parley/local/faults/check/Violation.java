package dev.parley.local.faults.check;

import org.jspecify.annotations.Nullable;

/**
 * A promise that was not kept.
 *
 * @param messageId of the message it is about, where it is about one that has one
 * @param key its clientMessageId, where it is known
 * @param user whose view it is, where it is about one's
 */
public record Violation(
        Kind kind,
        String chat,
        @Nullable String messageId,
        @Nullable String key,
        @Nullable String user,
        String text) {

    /** Which promise. */
    public enum Kind {
        /** Acknowledged and not in the history. */
        LOST,
        /** In the history with another content than was sent. */
        CHANGED,
        /** Twice in the history under one clientMessageId. */
        STORED_TWICE,
        /** Two acknowledgements of one clientMessageId name different messages. */
        ACKED_AS_TWO,
        /** A page of history is not strictly ordered, or is not what is stored. */
        PAGE_DIFFERS,
        /** The newest history of a chat could not be read when everything had been healthy for long. */
        UNREADABLE,
        /** In the history and not with a client. */
        MISSING,
        /** With a client and not in the history. */
        PHANTOM,
        /** With a client at another place than in the history. */
        MISPLACED,
        /** Acknowledged with another seq than in the history. */
        ACK_SEQ_DIFFERS,
        /** Neither acknowledged nor refused when everything had been healthy for long. */
        UNANSWERED
    }
}
