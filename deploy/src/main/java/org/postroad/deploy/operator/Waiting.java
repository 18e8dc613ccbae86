package org.postroad.deploy.operator;

import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
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

/**
 * Mail that is somewhere between its acceptance and its fate, as a cut shows it; confined to one thread.
 *
 * <p>Each place is read as a stream. What the router has parked is the one that a stream does not tell, since a share may be parked
 * at its begin and released at its end: of each share that is parked there, 16 to 32 octets are kept.
 */
public final class Waiting {
    private final Cluster cluster;
    private final Cut cut;
    private final Codec<Envelope> envelopes;
    private final Codec<Delivery> deliveries;
    private boolean whole = true;

    /**
     * What the router has parked.
     *
     * @param recipients of all shares of which nothing was noted
     * @param noted what was noted of the others
     */
    public record Parked<T>(long recipients, Collection<T> noted) {}

    public Waiting(Cluster cluster, Cut cut, KnownSchemas schemas) {
        this.cluster = cluster;
        this.cut = cut;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.deliveries = new Codec<>(Delivery.class, schemas);
    }

    /** Whether all that the cut shows was still there to be read: nodes delete what was handled since. */
    public boolean isWhole() {
        return whole;
    }

    /** Accepted, and not seen by the router yet. */
    public void onInbound(Consumer<Envelope> reader) {
        readEnvelopes(cut.backlog(cluster.topics().inbound().name(), cut.routed()), reader);
    }

    /** Due again, bounces and replays, and not seen by the router yet. */
    public void onAgain(Consumer<Envelope> reader) {
        readEnvelopes(cut.backlog(cluster.topics().again().name(), cut.routed()), reader);
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
        read(spans, record -> {
            EarlyReleases left = early.get(new TopicPartition(record.topic(), record.partition()));
            if (left == null || !left.isReleased(record.key(), record.offset())) {
                accept(record, reader);
            }
        });
    }

    /** Until an operator releases it. */
    public void onHeld(Consumer<Envelope> reader) {
        readEnvelopes(cut.backlog(cluster.topics().held().name(), cut.released()), reader);
    }

    /** Routed, and unfinished: above the deliverer's mark and not among what it has finished there. */
    public void onOutbound(Consumer<Delivery> reader) {
        Map<TopicPartition, FinishedOffsets> finished = new HashMap<>();
        cut.delivered().forEach((partition, mark) -> finished.put(partition, finishedAt(mark)));
        Map<TopicPartition, Span> spans =
                cut.backlog(cluster.topics().outbound().name(), cut.delivered());
        read(spans, record -> {
            FinishedOffsets done = finished.get(new TopicPartition(record.topic(), record.partition()));
            if (done == null || !done.isFinished(record.offset())) {
                Delivery delivery = decoded(deliveries, record);
                if (delivery != null) {
                    reader.accept(delivery);
                }
            }
        });
    }

    /**
     * Parked by the router until DNS answers: the last value of each key of its store's changelog.
     *
     * @param note what is to be kept of a share; null: only the number of its recipients
     */
    public <T> Parked<T> parked(Function<Envelope, @Nullable T> note) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        cut.partitions(this::isParked).forEach(partition -> spans.putAll(cut.all(partition.topic())));
        Fingerprint fingerprint = new Fingerprint(new SecureRandom().nextLong());
        LongCounts recipients = new LongCounts();
        Map<Long, T> noted = new HashMap<>();
        read(spans, record -> {
            long key = fingerprint.of(record.key());
            recipients.remove(key);
            noted.remove(key);
            Envelope envelope = record.value() == null ? null : decoded(envelopes, record);
            T its = envelope == null ? null : note.apply(envelope);
            if (its != null) {
                noted.put(key, its);
            } else if (envelope != null && !envelope.getRecipients().isEmpty()) {
                recipients.put(key, envelope.getRecipients().size());
            }
        });
        return new Parked<>(recipients.sum(), noted.values());
    }

    /** Whether a topic is a changelog of the router's. */
    boolean isParked(String topic) {
        return topic.startsWith(cluster.topics().routerGroup() + "-") && topic.endsWith("-changelog");
    }

    /** Every recipient's mail that was written to a topic in these spans, decided or not when they were asked for. */
    void written(Map<TopicPartition, Span> spans, Consumer<Envelope> reader) {
        String outbound = cluster.topics().outbound().name();
        read(spans, record -> {
            if (record.value() == null) {
                return;
            }
            if (record.topic().equals(outbound)) {
                Delivery delivery = decoded(deliveries, record);
                if (delivery != null) {
                    reader.accept(delivery.getEnvelope());
                }
            } else {
                accept(record, reader);
            }
        });
    }

    private void readEnvelopes(Map<TopicPartition, Span> spans, Consumer<Envelope> reader) {
        read(spans, record -> accept(record, reader));
    }

    private void read(Map<TopicPartition, Span> spans, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        whole &= TopicScan.read(cluster.kafka(), spans, reader).isEmpty();
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
