package org.postroad.deliverer.simulation;

import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.OpenDelivery;

/** Tells what is handed to the event loops. */
record CountedDispatch(Dispatch to, Consumer<OpenDelivery> count, Consumer<Limits> limited) implements Dispatch {
    @Override
    public void start(OpenDelivery delivery) {
        count.accept(delivery);
        to.start(delivery);
    }

    @Override
    public void revoke(Set<TopicPartition> partitions) {
        to.revoke(partitions);
    }

    @Override
    public void abandon(Set<TopicPartition> partitions) {
        to.abandon(partitions);
    }

    @Override
    public void limits(Limits limits) {
        limited.accept(limits);
        to.limits(limits);
    }

    @Override
    public void relieve() {
        to.relieve();
    }
}
