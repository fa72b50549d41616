package dev.parley.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Joins text and JSON bytes into a frame. */
final class Bytes {

    private Bytes() {}

    /** The parts (strings as UTF-8, byte arrays as they are) one after the other. */
    static byte[] join(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        for (Object part : parts) {
            out.writeBytes(
                    part instanceof byte[] bytes ? bytes : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
