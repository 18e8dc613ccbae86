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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a job makes of a record that it takes: where its mail goes on, and what the world is told. */
final class JobRecords {
    private static final Logger LOG = LoggerFactory.getLogger(JobRecords.class);

    private final Topics topics;
    private final Hops hops;
    private final MailReader mails;
    private final Codec<Envelope> envelopes;
    private final GivenUp givenUp;

    JobRecords(Topics topics, KnownSchemas schemas, MailReader mails) {
        this.topics = topics;
        this.hops = new Hops(topics.tiers());
        this.mails = mails;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.givenUp = new GivenUp(topics, schemas);
    }

    /**
     * What becomes of a record that waits.
     *
     * @param records what is written in its stead
     * @param recipients of whom the job has disposed; 0 when the record only changes its place
     */
    record Taken(List<ProducerRecord<byte[], byte[]>> records, int recipients) {}

    /**
     * The record leaves its place whole. Whoever of it is not meant waits on, behind the end of the job, and so does a record that only a
     * newer node may take apart or write anew: it goes there octet by octet as it is. So does one with which something goes wrong that
     * nobody foresaw: it cannot stay below what its job has come to.
     *
     * @param meant those of its recipients that the job means, at least one
     */
    Taken of(Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis)
            throws UnknownSchemaException, UndecodableException {
        try {
            return disposed(job, record, envelope, meant, nowMillis);
        } catch (RuntimeException unforeseen) {
            LOG.atError()
                    .addKeyValue("job", job.id())
                    .addKeyValue("partition", record.topic() + "-" + record.partition())
                    .addKeyValue("offset", record.offset())
                    .setCause(unforeseen)
                    .log("a job cannot do what it wants with a message, which waits on");
            return new Taken(List.of(stays(record, record.value(), envelope, nowMillis)), 0);
        }
    }

    private Taken disposed(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis)
            throws UnknownSchemaException, UndecodableException {
        List<Recipient> others = others(envelope, meant);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        try {
            if (job.action() == Job.Action.FLUSH && others.isEmpty()) {
                records.add(again(record, record.value()));
            } else {
                Envelope whole = mails.decode(record.value());
                records.add(onward(job, record, whole, meant, nowMillis));
                if (!others.isEmpty()) {
                    byte[] left = envelopes.encode(Envelopes.withRecipients(whole, others));
                    records.add(stays(record, left, whole, nowMillis));
                }
            }
        } catch (NewerRecordException e) {
            if (job.action() != Job.Action.RELEASE || !others.isEmpty()) {
                return new Taken(List.of(stays(record, record.value(), envelope, nowMillis)), 0);
            }
            records.add(again(record, record.value()));
        }
        byte[] key = envelope.getQueueId().getBytes(UTF_8);
        Event event = event(job, record, envelope, meant, nowMillis);
        records.add(new ProducerRecord<>(topics.events().name(), key, event.toJson()));
        return new Taken(records, meant.size());
    }

    private ProducerRecord<byte[], byte[]> onward(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope whole, List<Recipient> meant, long nowMillis) {
        long expiry = nowMillis + topics.lifetime().toMillis();
        return switch (job.action()) {
            case FLUSH -> again(record, envelopes.encode(Envelopes.withRecipients(whole, meant)));
            case RELEASE -> again(record, envelopes.encode(Envelopes.released(whole, meant)));
            case REPLAY -> again(record, envelopes.encode(Envelopes.renewed(whole, meant, expiry)));
            case BOUNCE, DROP -> givenUp.letter(job, record, whole, meant, nowMillis);
        };
    }

    private Event event(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis) {
        return switch (job.action()) {
            case BOUNCE, DROP -> givenUp.event(job, record, envelope, meant, nowMillis);
            default ->
                Event.of(Event.Kind.RELEASED, nowMillis, envelope, meant)
                        .with("destination", new String(record.key(), UTF_8))
                        .with("job", job.id())
                        .with("reason", job.action().word() + (job.reason().isEmpty() ? "" : ": " + job.reason()));
        };
    }

    /** A record that no job means, when it has to make room: it waits on, held or on its way to its time, and when that has come it leaves. */
    ProducerRecord<byte[], byte[]> moved(ConsumerRecord<byte[], byte[]> record, long nowMillis)
            throws UnknownSchemaException {
        try {
            return stays(record, record.value(), mails.decodeWhatIsKnown(record.value()), nowMillis);
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

    private ProducerRecord<byte[], byte[]> again(ConsumerRecord<byte[], byte[]> record, byte[] value) {
        return new ProducerRecord<>(topics.again().name(), record.key(), value);
    }

    private ProducerRecord<byte[], byte[]> stays(
            ConsumerRecord<byte[], byte[]> record, byte[] value, Envelope envelope, long nowMillis) {
        String held = topics.held().name();
        if (record.topic().equals(held)) {
            return new ProducerRecord<>(held, record.key(), value);
        }
        long dueAt = envelope.getNotBefore();
        return dueAt > nowMillis
                ? new ProducerRecord<>(topics.retry(hops.next(nowMillis, dueAt)).name(), record.key(), value)
                : again(record, value);
    }
}
