package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     * @param recipients of how many each job has disposed; of none when the record only changes its place
     */
    record Taken(List<ProducerRecord<byte[], byte[]>> records, Map<Job, Integer> recipients) {}

    /**
     * The record leaves its place whole. Whoever of it no job claims waits on, behind the ends of the jobs that there are, and so does a
     * record that only a newer node may take apart or write anew: it goes there octet by octet as it is. So does one with which something
     * goes wrong that nobody foresaw: it cannot stay below what its job has come to.
     *
     * @param claims which job has which of its recipients: at least one job, each of them at least one, nobody two
     */
    Taken of(Map<Job, List<Recipient>> claims, ConsumerRecord<byte[], byte[]> record, Envelope envelope, long nowMillis)
            throws UnknownSchemaException, UndecodableException {
        List<ProducerRecord<byte[], byte[]>> onward = new ArrayList<>();
        List<ProducerRecord<byte[], byte[]>> events = new ArrayList<>();
        Map<Job, Integer> disposed = new LinkedHashMap<>();
        Set<Recipient> gone = new HashSet<>();
        for (Map.Entry<Job, List<Recipient>> claim : claims.entrySet()) {
            Job job = claim.getKey();
            List<Recipient> meant = claim.getValue();
            try {
                ProducerRecord<byte[], byte[]> goes = onward(job, record, envelope, meant, nowMillis);
                events.add(event(job, record, envelope, meant, nowMillis));
                onward.add(goes);
                disposed.put(job, meant.size());
                gone.addAll(meant);
            } catch (NewerRecordException e) {
                LOG.atDebug().addKeyValue("job", job.id()).log("a record waits on for a newer node");
            } catch (RuntimeException unforeseen) {
                LOG.atError()
                        .addKeyValue("job", job.id())
                        .addKeyValue("partition", record.topic() + "-" + record.partition())
                        .addKeyValue("offset", record.offset())
                        .setCause(unforeseen)
                        .log("a job cannot do what it wants with a message, which waits on");
            }
        }
        List<Recipient> left = envelope.getRecipients().stream()
                .filter(recipient -> !gone.contains(recipient))
                .toList();
        if (!left.isEmpty()) {
            onward.add(stays(record, gone.isEmpty() ? record.value() : of(record, left), envelope, nowMillis));
        }
        onward.addAll(events);
        return new Taken(onward, disposed);
    }

    /** The same record for some of its recipients. */
    private byte[] of(ConsumerRecord<byte[], byte[]> record, List<Recipient> recipients)
            throws UnknownSchemaException, UndecodableException {
        try {
            return envelopes.encode(Envelopes.withRecipients(mails.decode(record.value()), recipients));
        } catch (NewerRecordException e) {
            throw new IllegalStateException("was taken apart a moment ago", e);
        }
    }

    /** What only a newer node may write anew goes on as it is where all of it is meant. */
    private ProducerRecord<byte[], byte[]> onward(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis)
            throws UnknownSchemaException, UndecodableException, NewerRecordException {
        boolean whole = meant.size() == envelope.getRecipients().size();
        if (whole && job.action() == Job.Action.FLUSH) {
            return again(record, record.value());
        }
        try {
            return anew(job, record, mails.decode(record.value()), meant, nowMillis);
        } catch (NewerRecordException e) {
            if (whole && job.action() == Job.Action.RELEASE) {
                return again(record, record.value());
            }
            throw e;
        }
    }

    private ProducerRecord<byte[], byte[]> anew(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope whole, List<Recipient> meant, long nowMillis) {
        long expiry = nowMillis + topics.lifetime().toMillis();
        return switch (job.action()) {
            case FLUSH -> again(record, envelopes.encode(Envelopes.withRecipients(whole, meant)));
            case RELEASE -> again(record, past(job, record, Envelopes.released(whole, meant)));
            case REPLAY -> again(record, past(job, record, Envelopes.renewed(whole, meant, expiry)));
            case BOUNCE, DROP -> givenUp.letter(job, record, whole, meant, nowMillis);
        };
    }

    /** What was held is not held again for what operators had decided before. */
    private byte[] past(Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        boolean wasHeld = record.topic().equals(topics.held().name());
        return envelopes.encode(wasHeld ? Envelopes.letPast(envelope, job.atMillis()) : envelope);
    }

    private ProducerRecord<byte[], byte[]> event(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis) {
        Event event =
                switch (job.action()) {
                    case BOUNCE, DROP -> givenUp.event(job, record, envelope, meant, nowMillis);
                    default ->
                        Event.of(Event.Kind.RELEASED, nowMillis, envelope, meant)
                                .with("destination", new String(record.key(), UTF_8))
                                .with("job", job.id())
                                .with(
                                        "reason",
                                        job.action().word() + (job.reason().isEmpty() ? "" : ": " + job.reason()));
                };
        byte[] key = envelope.getQueueId().getBytes(UTF_8);
        return new ProducerRecord<>(topics.events().name(), key, event.toJson());
    }

    /**
     * A record that no job means, when it has to make room: it waits on, held or on its way to its time, and when that has come it leaves.
     */
    ProducerRecord<byte[], byte[]> moved(ConsumerRecord<byte[], byte[]> record, long nowMillis)
            throws UnknownSchemaException {
        try {
            return stays(record, record.value(), mails.decodeWhatIsKnown(record.value()), nowMillis);
        } catch (UndecodableException e) {
            return new ProducerRecord<>(record.topic(), record.key(), record.value()); // to be rejected at its head
        }
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
