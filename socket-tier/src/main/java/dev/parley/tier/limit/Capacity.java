package dev.parley.tier.limit;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many connections a process can hold: what is configured, what its file descriptors allow, or what its heap allows,
 * whichever is the least.
 */
record Capacity(int connections, String reason) {

    /** For the servers, the jars, the log, and REST requests beside the connections. */
    private static final long DESCRIPTORS_KEPT = 512;

    /** An idle connection takes a part of it; the rest is for what is on its way to some of them. */
    private static final long HEAP_PER_CONNECTION = 16 * 1024;

    /** Of this process. */
    static Capacity ofThisProcess(int configured) {
        long descriptors = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
        return of(configured, descriptors, Runtime.getRuntime().maxMemory());
    }

    static Capacity of(int configured, long descriptors, long heap) {
        long byDescriptors = Math.max(1, descriptors - Math.min(DESCRIPTORS_KEPT, descriptors / 2));
        // Half of the heap is for everything else.
        long byHeap = Math.max(1, heap / 2 / HEAP_PER_CONNECTION);
        if (configured <= byDescriptors && configured <= byHeap) {
            return new Capacity(configured, "as configured");
        }
        return byDescriptors <= byHeap
                ? new Capacity((int) byDescriptors, "because of " + descriptors + " file descriptors")
                : new Capacity((int) byHeap, "because of a heap of " + (heap >> 20) + " MiB");
    }
}
