package dev.parley.bench.load.wire;

import java.nio.charset.StandardCharsets;

/** Searching in the bytes of a frame. */
public final class Scan {

    private Scan() {}

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Where {@code wanted} begins in {@code bytes}, at {@code from} or behind it; -1 where it does not occur. */
    public static int find(byte[] bytes, int from, int length, byte[] wanted) {
        int last = length - wanted.length;
        for (int at = from; at <= last; at++) {
            if (isAt(bytes, at, length, wanted)) {
                return at;
            }
        }
        return -1;
    }

    public static boolean isAt(byte[] bytes, int at, int length, byte[] wanted) {
        if (at + wanted.length > length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    /** The digits at {@code at} as a number; -1 where there is none. */
    public static long number(byte[] bytes, int at, int length) {
        long value = 0;
        int i = at;
        for (; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            value = value * 10 + (bytes[i] - '0');
        }
        return i == at ? -1 : value;
    }
}
