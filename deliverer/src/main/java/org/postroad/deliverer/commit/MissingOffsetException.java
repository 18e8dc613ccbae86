package org.postroad.deliverer.commit;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/** A partition has no committed offset: wherever the node began to read, mail would be sent twice or never, so it stops. */
public final class MissingOffsetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MissingOffsetException(Collection<TopicPartition> partitions) {
        super("no usable committed offset for " + partitions
                + ": resuming is a command; see 'postroad topics create --help'");
    }
}
