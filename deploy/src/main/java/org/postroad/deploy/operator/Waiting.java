package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.poll.FinishedOffsets;
import org.postroad.deliverer.poll.LedgerCodec;
import org.postroad.deliverer.retry.EarlyReleases;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/** Mail that is somewhere between its acceptance and its fate, as a cut shows it. */
public final class Waiting {
    private final Cluster cluster;
    private final Cut cut;
    private final Codec<Envelope> envelopes;
    private final Codec<Delivery> deliveries;

    public Waiting(Cluster cluster, Cut cut, KnownSchemas schemas) {
        this.cluster = cluster;
        this.cut = cut;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.deliveries = new Codec<>(Delivery.class, schemas);
    }

    /** Accepted, and not seen by the router yet. */
    public void onInbound(Consumer<Envelope> reader) {
        read(cut.backlog(cluster.topics().inbound().name(), cut.routed()), reader);
    }

    /** Due again, bounces and replays, and not seen by the router yet. */
    public void onAgain(Consumer<Envelope> reader) {
        read(cut.backlog(cluster.topics().again().name(), cut.routed()), reader);
    }

    /** In every retry topic there is, configured or not. */
    public void onRetry(Consumer<Envelope> reader) {
        String prefix = cluster.topics().retryPrefix();
        Map<TopicPartition, Span> spans = new HashMap<>();
        cut.ends().keySet().stream()
                .map(TopicPartition::topic)
                .filter(topic -> topic.startsWith(prefix))
                .distinct()
                .forEach(topic -> spans.putAll(cut.backlog(topic, cut.released())));
        Map<TopicPartition, EarlyReleases> early = new HashMap<>();
        cut.released().forEach((at, mark) -> early.put(at, EarlyReleases.of(mark.offset(), mark.metadata())));
        TopicScan.read(cluster.kafka(), spans, record -> {
            EarlyReleases left = early.get(new TopicPartition(record.topic(), record.partition()));
            if (left == null || !left.isReleased(record.key(), record.offset())) {
                accept(record, reader);
            }
        });
    }

    public void onHeld(Consumer<Envelope> reader) {
        read(cut.backlog(cluster.topics().held().name(), cut.released()), reader);
    }

    /** Routed, and unfinished: above the deliverer's mark and not among what it has finished there. */
    public void onOutbound(Consumer<Delivery> reader) {
        Map<TopicPartition, FinishedOffsets> finished = new HashMap<>();
        cut.delivered().forEach((partition, mark) -> finished.put(partition, finishedAt(mark)));
        Map<TopicPartition, Span> spans =
                cut.backlog(cluster.topics().outbound().name(), cut.delivered());
        TopicScan.read(cluster.kafka(), spans, record -> {
            FinishedOffsets done = finished.get(new TopicPartition(record.topic(), record.partition()));
            if (done == null || !done.isFinished(record.offset())) {
                Delivery delivery = decoded(deliveries, record);
                if (delivery != null) {
                    reader.accept(delivery);
                }
            }
        });
    }

    /** Parked by the router until DNS answers: the last value of each key of its store's changelog. */
    public void parked(Consumer<Envelope> reader) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        String prefix = cluster.topics().routerGroup() + "-";
        cut.ends().keySet().stream()
                .map(TopicPartition::topic)
                .filter(topic -> topic.startsWith(prefix) && topic.endsWith("-changelog"))
                .distinct()
                .forEach(topic -> spans.putAll(cut.all(topic)));
        Map<Bytes, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
        TopicScan.read(cluster.kafka(), spans, record -> {
            Bytes key = Bytes.wrap(record.key());
            if (record.value() == null) {
                last.remove(key);
            } else {
                last.put(key, record);
            }
        });
        last.values().forEach(record -> accept(record, reader));
    }

    private void read(Map<TopicPartition, Span> spans, Consumer<Envelope> reader) {
        TopicScan.read(cluster.kafka(), spans, record -> accept(record, reader));
    }

    private void accept(ConsumerRecord<byte[], byte[]> record, Consumer<Envelope> reader) {
        Envelope envelope = decoded(envelopes, record);
        if (envelope != null) {
            reader.accept(envelope);
        }
    }

    /** What cannot be read is no mail: its reader will put it among the rejects. */
    private static <T extends org.apache.avro.specific.SpecificRecordBase> @Nullable T decoded(
            Codec<T> codec, ConsumerRecord<byte[], byte[]> record) {
        try {
            return codec.decode(record.value());
        } catch (UnknownSchemaException | UndecodableException unreadable) {
            return null;
        }
    }

    private static FinishedOffsets finishedAt(OffsetAndMetadata mark) {
        FinishedOffsets finished = LedgerCodec.decode(mark.offset(), mark.metadata());
        return finished == null ? FinishedOffsets.below(mark.offset()) : finished;
    }
}
