package dev.parley.connect;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;

/**
 * One line in the log when something stops working and one when it works again, however often it is tried in between.
 * Thread-safe.
 */
public final class Outage {

    private final Logger log;
    private final String what;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /** @param what works or does not: "publishing to RabbitMQ" */
    public Outage(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    public void failed(String reason) {
        if (underWay.compareAndSet(false, true)) {
            log.warn("{} does not work: {}", what, reason);
        } else {
            log.debug("{} still does not work: {}", what, reason);
        }
    }

    public void works() {
        if (underWay.compareAndSet(true, false)) {
            log.info("{} works again", what);
        }
    }
}
