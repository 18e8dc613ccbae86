package org.postroad.deploy.node;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.postroad.deploy.operator.CarryForward;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Cut;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does for the cluster now and then: it trims what its own role reads and has handled, and measures what waits; deliverers
 * count events before they are old enough to be deleted.
 *
 * <p>How much waits it measures for every topic, so that it is seen when all readers of one are dead; how long, only of what its role
 * reads, since that takes the right to read mail. Confined to the main thread, and may block it for some 20 s: nothing else waits for
 * it. Several nodes may do it at once, since deleting twice is deleting once.
 */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private final Cluster cluster;
    private final Trim trim;
    private final OldestRecord oldest;
    private final CarryForward carryForward;
    private final Gauge records;
    private final Gauge oldestSeconds;
    private final Set<Node.Part> parts;
    private boolean refused;
    private boolean carriesNothing;

    Housekeeping(KafkaSettings kafka, Topics topics, Set<Node.Part> parts, CollectorRegistry registry) {
        this.parts = parts;
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
        if (parts.equals(Set.of(Node.Part.OBSERVER))) {
            return; // it reads what others keep, and has no right to look further
        }
        try {
            Cut cut = cluster.laggingCut();
            Map<TopicPartition, Long> due = trim.due(cut, ownMarks(cut));
            if (!due.isEmpty()) {
                cluster.deleteBefore(due);
                trim.done(due);
            }
            measure(cut, nowMillis);
            carryForward(nowMillis);
            refused = false;
        } catch (AuthorizationException e) {
            if (!refused) {
                LOG.atError()
                        .addKeyValue("why", e.getMessage())
                        .log("what was handled is not deleted: Kafka does not grant what that needs");
            }
            refused = true;
        } catch (UnreachableException | KafkaException e) {
            LOG.atDebug().setCause(e).log("housekeeping waits for the cluster");
        } catch (RuntimeException fault) {
            // Mail goes on without it.
            LOG.atWarn().setCause(fault).log("housekeeping failed and is tried again");
        }
    }

    /** The events are read by it alone, and it goes without where that was not granted. */
    private void carryForward(long nowMillis) {
        if (!parts.contains(Node.Part.DELIVERER)) {
            return;
        }
        try {
            carryForward.turn(nowMillis);
        } catch (AuthorizationException e) {
            if (!carriesNothing) {
                LOG.atWarn()
                        .addKeyValue("why", e.getMessage())
                        .log("the ledger's balance is brought forward by 'postroad ledger' alone");
            }
            carriesNothing = true;
        }
    }

    private void measure(Cut cut, long nowMillis) {
        Map<TopicPartition, Long> marks = offsets(cut.routed(), cut.delivered(), cut.released());
        Map<TopicPartition, Long> own = offsets(ownMarks(cut));
        Map<TopicPartition, Long> waiting = own.entrySet().stream()
                .filter(mark -> mark.getValue() < cut.ends().getOrDefault(mark.getKey(), 0L))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Map<String, Long> since = oldest.since(waiting, cut.ends());
        Set<String> read = own.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        Map<String, Long> counts = marks.entrySet().stream()
                .collect(Collectors.groupingBy(
                        mark -> mark.getKey().topic(),
                        Collectors.summingLong(mark -> Math.max(
                                0, cut.ends().getOrDefault(mark.getKey(), mark.getValue()) - mark.getValue()))));
        counts.forEach((topic, count) -> {
            records.labels(topic).set(count);
            if (!read.contains(topic)) {
                return;
            }
            Long at = count == 0 ? Long.valueOf(nowMillis) : since.get(topic);
            if (at == null) {
                oldestSeconds.remove(topic); // a figure that was not measured would be believed
            } else {
                oldestSeconds.labels(topic).set(Math.max(0, nowMillis - at) / 1_000.0);
            }
        });
    }

    /** The marks of the groups whose members run here. */
    private Map<TopicPartition, OffsetAndMetadata> ownMarks(Cut cut) {
        Map<TopicPartition, OffsetAndMetadata> marks = new HashMap<>();
        if (parts.contains(Node.Part.ROUTER)) {
            marks.putAll(cut.routed());
        }
        if (parts.contains(Node.Part.DELIVERER)) {
            marks.putAll(cut.delivered());
            marks.putAll(cut.released());
        }
        return marks;
    }

    @SafeVarargs
    private static Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetAndMetadata>... groups) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map<TopicPartition, OffsetAndMetadata> group : groups) {
            group.forEach((partition, mark) -> offsets.put(partition, mark.offset()));
        }
        return offsets;
    }

    @Override
    public void close() {
        oldest.close();
        cluster.close();
    }
}
