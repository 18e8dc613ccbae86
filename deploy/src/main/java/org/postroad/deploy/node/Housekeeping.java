package org.postroad.deploy.node;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deploy.operator.CarryForward;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Cut;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does for the cluster now and then: it trims what was handled, measures what waits, and counts events before they are
 * old enough to be deleted.
 *
 * <p>Confined to the main thread, and may block it for some 20 s: nothing else waits for it. Several nodes may do it at
 * once, since deleting twice is deleting once.
 */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private final Cluster cluster;
    private final Trim trim;
    private final OldestRecord oldest;
    private final CarryForward carryForward;
    private final Gauge records;
    private final Gauge oldestSeconds;

    Housekeeping(KafkaSettings kafka, Topics topics, CollectorRegistry registry) {
        this.cluster = new Cluster(kafka, topics);
        this.trim = new Trim(Set.of(topics.failed().name()));
        this.oldest = new OldestRecord(kafka);
        this.carryForward = new CarryForward(cluster, new Random());
        this.records = Gauge.build("postroad_queue_records", "Records that their reader has not passed.")
                .labelNames("topic")
                .register(registry);
        this.oldestSeconds = Gauge.build(
                        "postroad_queue_oldest_seconds", "Age of the first record that its reader has not passed.")
                .labelNames("topic")
                .register(registry);
    }

    /** One turn; a cluster that does not answer is left alone until the next. */
    void turn(long nowMillis) {
        try {
            Cut cut = cluster.laggingCut();
            Map<TopicPartition, Long> due = trim.due(cut);
            if (!due.isEmpty()) {
                cluster.deleteBefore(due);
                trim.done(due);
            }
            measure(cut, nowMillis);
            carryForward.turn(nowMillis);
        } catch (UnreachableException | KafkaException e) {
            LOG.atDebug().setCause(e).log("housekeeping waits for the cluster");
        } catch (RuntimeException fault) {
            // Mail goes on without it.
            LOG.atWarn().setCause(fault).log("housekeeping failed and is tried again");
        }
    }

    private void measure(Cut cut, long nowMillis) {
        Map<TopicPartition, Long> marks = marks(cut);
        Map<TopicPartition, Long> waiting = marks.entrySet().stream()
                .filter(mark -> mark.getValue() < cut.ends().getOrDefault(mark.getKey(), 0L))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Map<String, Long> since = oldest.since(waiting, cut.ends());
        Map<String, Long> counts = marks.entrySet().stream()
                .collect(Collectors.groupingBy(
                        mark -> mark.getKey().topic(),
                        Collectors.summingLong(mark -> Math.max(
                                0, cut.ends().getOrDefault(mark.getKey(), mark.getValue()) - mark.getValue()))));
        counts.forEach((topic, count) -> {
            records.labels(topic).set(count);
            Long at = count == 0 ? Long.valueOf(nowMillis) : since.get(topic);
            if (at == null) {
                oldestSeconds.remove(topic); // a figure that was not measured would be believed
            } else {
                oldestSeconds.labels(topic).set(Math.max(0, nowMillis - at) / 1_000.0);
            }
        });
    }

    private static Map<TopicPartition, Long> marks(Cut cut) {
        Map<TopicPartition, Long> marks = new HashMap<>();
        cut.routed().forEach((partition, mark) -> marks.put(partition, mark.offset()));
        cut.delivered().forEach((partition, mark) -> marks.put(partition, mark.offset()));
        cut.released().forEach((partition, mark) -> marks.put(partition, mark.offset()));
        return marks;
    }

    @Override
    public void close() {
        oldest.close();
        cluster.close();
    }
}
