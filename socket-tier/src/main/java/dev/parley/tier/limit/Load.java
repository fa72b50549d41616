package dev.parley.tier.limit;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;

/**
 * How busy this process is, as a part of the processors that it may use; and by how much it therefore tightens the limits.
 * Thread-safe.
 */
@Singleton
public final class Load {

    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final Throttle throttle = new Throttle();
    private long cpuBefore = system.getProcessCpuTime();
    private long timeBefore = System.nanoTime();
    private volatile double cpu;
    private volatile double factor = 1;

    Load(MeterRegistry metrics) {
        Gauge.builder("parley.load", this, Load::cpu)
                .description("part of its processors that the process uses, smoothed")
                .register(metrics);
        Gauge.builder("parley.limit.factor", this, Load::factor)
                .description("what the rate limits are multiplied by because of the load")
                .register(metrics);
    }

    /** One thread at a time, as the scheduler has it. */
    @Scheduled(fixedRate = "1s")
    void sample() {
        long cpuNow = system.getProcessCpuTime();
        long timeNow = System.nanoTime();
        double share = (double) (cpuNow - cpuBefore)
                / Math.max(
                        1,
                        (timeNow - timeBefore) * (double) Runtime.getRuntime().availableProcessors());
        cpuBefore = cpuNow;
        timeBefore = timeNow;
        factor = throttle.next(Math.min(1, share));
        cpu = throttle.smoothed();
    }

    /** 0 to 1, smoothed over some seconds. */
    public double cpu() {
        return cpu;
    }

    /** 1, or less where it is under load. */
    public double factor() {
        return factor;
    }
}
