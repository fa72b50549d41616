package dev.parley.tier.limit;

/**
 * From the load, sampled every second, to a factor for limits: smoothed, so that a peak does not matter, and with a gap
 * between going down and coming up again, so that it does not swing. Not thread-safe.
 */
final class Throttle {

    /** Of each new sample: about five of them make up the average. */
    private static final double WEIGHT = 0.2;

    private static final double HIGH = 0.70;
    private static final double VERY_HIGH = 0.90;
    /** Below the threshold by so much before the limits are loosened. */
    private static final double GAP = 0.10;

    private double smoothed;
    private double factor = 1;

    double next(double load) {
        smoothed += WEIGHT * (load - smoothed);
        if (smoothed > VERY_HIGH) {
            factor = 0.5;
        } else if (smoothed > HIGH) {
            boolean comesDown = factor == 0.5 && smoothed > VERY_HIGH - GAP;
            factor = comesDown ? 0.5 : 0.75;
        } else if (smoothed > HIGH - GAP) {
            factor = factor == 1 ? 1 : 0.75;
        } else {
            factor = 1;
        }
        return factor;
    }

    double smoothed() {
        return smoothed;
    }
}
