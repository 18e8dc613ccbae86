package org.postroad.ingress;

import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postroad.ingress.quota.ClaimLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's way to a topic of claims; apart from that of mail, so that an illness of the one is not taken for one of the other. */
record ClaimsTopic(DurableLog log, String topic) implements ClaimLog {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimsTopic.class);

    @Override
    public void append(byte[] entry, Consumer<Boolean> kept) {
        log.append(
                new ProducerRecord<>(topic, 0, null, entry),
                where -> kept.accept(where != null),
                bug -> LOG.atError().setCause(bug).log("a claim's answer failed"));
    }

    @Override
    public boolean isUnwell() {
        return log.isUnwell();
    }
}
