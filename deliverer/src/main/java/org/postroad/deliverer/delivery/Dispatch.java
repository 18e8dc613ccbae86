package org.postroad.deliverer.delivery;

import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.config.Limits;

/**
 * What the poller asks of the event loops; it calls from its own thread and never waits.
 *
 * <p>Every delivery that was started comes back through {@link Completions} exactly once.
 */
public interface Dispatch {
    void start(OpenDelivery delivery);

    /** These partitions leave: what is before its final dot is given back, what is past it may still finish. */
    void revoke(Set<TopicPartition> partitions);

    /** Time is up for them: what is past the dot and unanswered comes back now, deferred and in doubt. */
    void abandon(Set<TopicPartition> partitions);

    /** These hold from now on, for what is under way too. */
    void limits(Limits limits);

    /** Too much is open: the destination with most unstarted mail of this node overflows part of it. */
    void relieve();
}
