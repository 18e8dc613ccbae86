package org.postroad.ingress;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log once when Kafka stops keeping what a node sends it, and once when it keeps it again; safe for every event loop. */
final class KafkaOutage {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaOutage.class);

    /**
     * Where some partitions are kept and some are not, both happen all the time: it is over when nothing has failed for longer than a
     * write may take.
     */
    static final long QUIET_NANOS = 12_000_000_000L;

    private final String what;
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicLong failedAt = new AtomicLong();

    /** @param what is sent, in the plural, for the log's line */
    KafkaOutage(String what) {
        this.what = what;
    }

    /** @return whether it was the first of an outage, which is told */
    boolean failed(@Nullable Throwable why, long now) {
        failedAt.set(now);
        boolean first = !told.get() && told.compareAndSet(false, true);
        if (first) {
            LOG.atWarn().addKeyValue("why", String.valueOf(why)).log("Kafka does not keep {}: clients hear 451", what);
        }
        return first;
    }

    /** @return whether an outage ended, which is told */
    boolean kept(long now) {
        boolean over = told.get() && now - failedAt.get() > QUIET_NANOS && told.compareAndSet(true, false);
        if (over) {
            LOG.atInfo().log("Kafka keeps {} again", what);
        }
        return over;
    }
}
