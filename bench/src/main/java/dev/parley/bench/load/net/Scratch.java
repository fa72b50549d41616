package dev.parley.bench.load.net;

/** One array for the frame that is being read; owned by the event loop. */
final class Scratch {

    private byte[] bytes = new byte[4096];

    byte[] atLeast(int length) {
        if (bytes.length < length) {
            bytes = new byte[Integer.highestOneBit(length) * 2];
        }
        return bytes;
    }
}
