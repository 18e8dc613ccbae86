package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postroad.deliverer.fate.Hops;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.policy.Job;

/** What a job makes of a record that it takes: where its mail goes on, and what the world is told. */
final class JobRecords {
    private final Topics topics;
    private final Hops hops;
    private final MailReader mails;
    private final Codec<Envelope> envelopes;

    JobRecords(Topics topics, KnownSchemas schemas, MailReader mails) {
        this.topics = topics;
        this.hops = new Hops(topics.tiers());
        this.mails = mails;
        this.envelopes = new Codec<>(Envelope.class, schemas);
    }

    /**
     * What becomes of a record that waits.
     *
     * @param records what is written in its stead
     * @param recipients of whom the job has disposed; 0 when the record only changes its place
     */
    record Taken(List<ProducerRecord<byte[], byte[]>> records, int recipients) {}

    /**
     * The record leaves its place whole. Whoever of it is not meant waits on, behind the end of the job, and so does a record of which
     * some are meant and that only a newer node may write anew: it goes there octet by octet as it is.
     *
     * @param meant those of its recipients that the job means, at least one
     */
    Taken of(Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis)
            throws UnknownSchemaException, UndecodableException {
        List<Recipient> others = others(envelope, meant);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        try {
            if (job.action() == Job.Action.RELEASE) {
                Envelope whole = mails.decode(record.value());
                records.add(new ProducerRecord<>(
                        topics.again().name(), record.key(), envelopes.encode(Envelopes.released(whole, meant))));
                if (!others.isEmpty()) {
                    records.add(held(record, envelopes.encode(Envelopes.withRecipients(whole, others))));
                }
            } else if (others.isEmpty()) {
                records.add(new ProducerRecord<>(topics.again().name(), record.key(), record.value()));
            } else {
                Envelope whole = mails.decode(record.value());
                records.add(new ProducerRecord<>(
                        topics.again().name(), record.key(), envelopes.encode(Envelopes.withRecipients(whole, meant))));
                records.add(
                        waiting(record, envelopes.encode(Envelopes.withRecipients(whole, others)), whole, nowMillis));
            }
        } catch (NewerRecordException e) {
            if (job.action() == Job.Action.FLUSH) {
                return new Taken(List.of(waiting(record, record.value(), envelope, nowMillis)), 0);
            }
            if (!others.isEmpty()) {
                return new Taken(List.of(held(record, record.value())), 0);
            }
            records.add(new ProducerRecord<>(topics.again().name(), record.key(), record.value()));
        }
        records.add(event(job, record, envelope, meant, nowMillis));
        return new Taken(records, meant.size());
    }

    /** A record that no job means, when it has to make room: it waits on, held or on its way to its time, and when that has come it leaves. */
    ProducerRecord<byte[], byte[]> moved(ConsumerRecord<byte[], byte[]> record, long nowMillis)
            throws UnknownSchemaException {
        if (record.topic().equals(topics.held().name())) {
            return held(record, record.value());
        }
        try {
            Envelope envelope = mails.decodeWhatIsKnown(record.value());
            return envelope.getNotBefore() > nowMillis
                    ? waiting(record, record.value(), envelope, nowMillis)
                    : new ProducerRecord<>(topics.again().name(), record.key(), record.value());
        } catch (UndecodableException e) {
            return new ProducerRecord<>(record.topic(), record.key(), record.value()); // to be rejected at its head
        }
    }

    private static List<Recipient> others(Envelope envelope, List<Recipient> meant) {
        if (meant.size() == envelope.getRecipients().size()) {
            return List.of();
        }
        Set<Recipient> taken = new HashSet<>(meant);
        return envelope.getRecipients().stream()
                .filter(recipient -> !taken.contains(recipient))
                .toList();
    }

    private ProducerRecord<byte[], byte[]> held(ConsumerRecord<byte[], byte[]> record, byte[] value) {
        return new ProducerRecord<>(topics.held().name(), record.key(), value);
    }

    private ProducerRecord<byte[], byte[]> waiting(
            ConsumerRecord<byte[], byte[]> record, byte[] value, Envelope envelope, long nowMillis) {
        String tier =
                topics.retry(hops.next(nowMillis, envelope.getNotBefore())).name();
        return new ProducerRecord<>(tier, record.key(), value);
    }

    private ProducerRecord<byte[], byte[]> event(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis) {
        Event event = Event.of(Event.Kind.RELEASED, nowMillis, envelope, meant)
                .with("destination", new String(record.key(), UTF_8))
                .with("job", job.id())
                .with("reason", job.action().word() + (job.reason().isEmpty() ? "" : ": " + job.reason()));
        byte[] key = envelope.getQueueId().getBytes(UTF_8);
        return new ProducerRecord<>(topics.events().name(), key, event.toJson());
    }
}
