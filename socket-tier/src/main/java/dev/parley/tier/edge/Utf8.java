package dev.parley.tier.edge;

import io.netty.buffer.ByteBuf;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 as RFC 6455 wants it: anything that is none is an error, nothing is replaced. */
final class Utf8 {

    private Utf8() {}

    static String decode(ByteBuf bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(bytes.nioBuffer())
                .toString();
    }
}
