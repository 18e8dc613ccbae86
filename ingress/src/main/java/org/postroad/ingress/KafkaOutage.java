package org.postroad.ingress;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log once when Kafka stops keeping what a node sends it, and once when it keeps it again; safe for every event loop. */
final class KafkaOutage {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaOutage.class);

    private final AtomicBoolean told = new AtomicBoolean();

    void failed(@Nullable Exception why) {
        if (!told.get() && told.compareAndSet(false, true)) {
            LOG.atWarn().addKeyValue("why", String.valueOf(why)).log("Kafka does not keep messages: clients hear 451");
        }
    }

    void kept() {
        if (told.get() && told.compareAndSet(true, false)) {
            LOG.atInfo().log("Kafka keeps messages again");
        }
    }
}
