package dev.parley.tier.edge;

import dev.parley.wire.CloseCode;
import io.netty.buffer.ByteBuf;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/** What RFC 6455 says about the payload of a close frame: nothing, or a code that may be sent and a reason in UTF-8. */
final class CloseFrames {

    private static final int CODE_BYTES = 2;

    private CloseFrames() {}

    /** With what a close frame is to be answered that is none; empty where it is sound. */
    static Optional<CloseCode> violationOf(ByteBuf payload) {
        int length = payload.readableBytes();
        if (length == 0) {
            return Optional.empty();
        }
        if (length < CODE_BYTES || !maybeSent(payload.getUnsignedShort(payload.readerIndex()))) {
            return Optional.of(CloseCode.PROTOCOL_ERROR);
        }
        try {
            String unused = Utf8.decode(payload.slice(payload.readerIndex() + CODE_BYTES, length - CODE_BYTES));
            return Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.of(CloseCode.INVALID_PAYLOAD);
        }
    }

    /** Codes that are defined for use in a frame, and those that libraries and applications may define. */
    private static boolean maybeSent(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
