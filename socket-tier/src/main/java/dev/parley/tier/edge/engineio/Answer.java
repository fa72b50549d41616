package dev.parley.tier.edge.engineio;

import dev.parley.wire.EngineIo;

/** What a request of the polling transport is answered with. */
public sealed interface Answer {

    /** Packets for the client: a body of text. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packets(byte[] body) implements Answer {}

    /** What the client sent was taken: {@code ok}. */
    record Taken() implements Answer {}

    /** The body is longer than allowed; the session has ended. */
    record TooLarge() implements Answer {}

    /** No; with status 400. */
    record Refused(EngineIo.Refusal refusal) implements Answer {}
}
