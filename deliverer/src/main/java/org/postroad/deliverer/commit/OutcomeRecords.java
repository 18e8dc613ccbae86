package org.postroad.deliverer.commit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postroad.deliverer.content.HeaderBlock;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;
import org.postroad.deliverer.delivery.SuccessReport;
import org.postroad.deliverer.fate.Fate;
import org.postroad.deliverer.fate.FateJudge;
import org.postroad.deliverer.fate.Hops;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the end of a delivery into records: where each recipient's mail goes next, and what the world is told. */
public final class OutcomeRecords {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeRecords.class);

    /** Key and value, with room for what Kafka adds. */
    private static final int LARGEST = Caps.BATCH_OCTETS - 1_024;

    private final Topics topics;
    private final Codec<Envelope> envelopes;
    private final Codec<Failure> failures;
    private final Codec<Delivery> deliveries;
    private final RetryPolicy policy;
    private final FateJudge judge;
    private final Hops hops;

    public OutcomeRecords(Topics topics, KnownSchemas schemas, RetryPolicy policy) {
        this.topics = topics;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.failures = new Codec<>(Failure.class, schemas);
        this.deliveries = new Codec<>(Delivery.class, schemas);
        this.policy = policy;
        this.judge = new FateJudge(policy);
        this.hops = new Hops(topics.tiers());
    }

    /**
     * Every record that a finished delivery causes. What cannot be described is held, recipient by recipient: left unfinished it would
     * pin its partition's mark, and a record that Kafka refuses would fail every batch that it is in.
     */
    List<ProducerRecord<byte[], byte[]>> of(Completion completion, long nowMillis) {
        try {
            return of(completion, completion.outcomes(), nowMillis);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue(
                            "queueId",
                            completion.delivery().delivery().getEnvelope().getQueueId())
                    .setCause(e)
                    .log("outcomes that cannot be turned into records: their recipients are looked at one by one");
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (RecipientOutcome outcome : completion.outcomes()) {
            records.addAll(ofOne(completion, outcome, nowMillis));
        }
        return records;
    }

    private List<ProducerRecord<byte[], byte[]>> ofOne(
            Completion completion, RecipientOutcome outcome, long nowMillis) {
        try {
            return of(completion, List.of(outcome), nowMillis);
        } catch (RuntimeException e) {
            return undescribed(completion, outcome, String.valueOf(e), nowMillis);
        }
    }

    /** Delivered stays delivered, whatever the exchanger said; everything else waits for an operator. */
    private List<ProducerRecord<byte[], byte[]>> undescribed(
            Completion completion, RecipientOutcome outcome, String why, long nowMillis) {
        String reason = Caps.cut("an outcome that cannot be described: " + why, Caps.REPLY_TEXT_OCTETS);
        Outcome plain = outcome.outcome() instanceof Outcome.Delivered delivered
                ? new Outcome.Delivered(
                        new LastReply(250, "2.0.0", reason, null, nowMillis), delivered.tls(), delivered.reported())
                : new Outcome.Held(reason);
        try {
            return of(completion, List.of(new RecipientOutcome(outcome.recipient(), plain)), nowMillis);
        } catch (RuntimeException e) {
            OpenDelivery open = completion.delivery();
            Delivery all = open.delivery();
            Delivery one = new Delivery(
                    Envelopes.withRecipients(all.getEnvelope(), List.of(outcome.recipient())),
                    all.getDomain(),
                    all.getDestination(),
                    all.getShard(),
                    all.getRoute(),
                    all.getRoutedAt());
            byte[] key = all.getDestination().getBytes(UTF_8);
            return Rejection.of(
                    topics,
                    new Rejection.Source(open.partition(), open.offset(), key, deliveries.encode(one)),
                    one.getEnvelope(),
                    reason,
                    nowMillis);
        }
    }

    private List<ProducerRecord<byte[], byte[]>> of(
            Completion completion, List<RecipientOutcome> outcomes, long nowMillis) {
        Envelope envelope = completion.delivery().delivery().getEnvelope();
        Map<Fate, List<Recipient>> fates = new LinkedHashMap<>();
        for (RecipientOutcome outcome : outcomes) {
            FateJudge.Judgement judgement = judge.of(
                    outcome.outcome(),
                    outcome.recipient(),
                    nowMillis,
                    FutureRelease.sinceMillis(envelope),
                    envelope.getExpiry());
            fates.computeIfAbsent(judgement.fate(), fate -> new ArrayList<>()).add(judgement.recipient());
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(2 * fates.size());
        fates.forEach((fate, recipients) -> {
            if (fate.way() != Fate.Way.DONE) {
                records.add(onward(completion, fate, recipients, nowMillis));
            }
            // A route too old is no news: the mail is on its way again at once.
            if (fate.way() != Fate.Way.AGAIN) {
                records.add(event(completion.delivery().delivery(), fate, recipients, nowMillis));
            }
        });
        List<Recipient> successes = successes(envelope, outcomes);
        if (!successes.isEmpty()) {
            records.add(relayed(completion, successes, nowMillis));
        }
        records.forEach(OutcomeRecords::requireWritable);
        return records;
    }

    /** Those of whose success the sender is to be told, each with the reply that says so. */
    private static List<Recipient> successes(Envelope envelope, List<RecipientOutcome> outcomes) {
        List<Recipient> successes = new ArrayList<>(0);
        for (RecipientOutcome one : outcomes) {
            Recipient recipient = one.recipient();
            if (SuccessReport.isDue(recipient, one.outcome())
                    && one.outcome() instanceof Outcome.Delivered delivered
                    && !envelope.getReversePath().isEmpty()) {
                successes.add(Envelopes.tried(
                        recipient, recipient.getAttempts() + 1, recipient.getFaults(), delivered.reply()));
            }
        }
        return successes;
    }

    private ProducerRecord<byte[], byte[]> relayed(Completion completion, List<Recipient> recipients, long nowMillis) {
        Delivery delivery = completion.delivery().delivery();
        Envelope reported = Envelopes.withoutContent(delivery.getEnvelope(), recipients);
        byte[] key = delivery.getDestination().getBytes(UTF_8);
        byte[] report = failures.encode(failure(completion, reported, FailureReason.RELAYED, nowMillis));
        return new ProducerRecord<>(topics.failed().name(), key, report);
    }

    private static void requireWritable(ProducerRecord<byte[], byte[]> record) {
        int octets = record.key().length + record.value().length;
        if (octets > LARGEST) {
            throw new IllegalStateException("a record of " + octets + " octets for " + record.topic());
        }
    }

    /**
     * What becomes of a record that only a newer node knows all of: it waits in a tier, uncounted and octet by octet as it is, since what
     * this node does not know would be lost if it were written anew.
     *
     * @param known what this node knows of it
     */
    public List<ProducerRecord<byte[], byte[]>> putOff(
            ConsumerRecord<byte[], byte[]> record, Delivery known, String why, long nowMillis) {
        // Its route may be made afresh again and again on its way round; when it was accepted stays.
        long acceptedAt = known.getEnvelope().getReceived().getAt();
        return putOff(record, known, why, policy.dueAtNewerNode(nowMillis, acceptedAt), nowMillis);
    }

    /** What becomes of mail that may not be sent yet: it waits in tiers, and its route is made afresh when its time has come. */
    public List<ProducerRecord<byte[], byte[]>> putOffHeld(
            ConsumerRecord<byte[], byte[]> record, Delivery delivery, long nowMillis) {
        long due = delivery.getEnvelope().getNotBefore();
        return putOff(record, delivery, "not to be sent before " + Instant.ofEpochMilli(due), due, nowMillis);
    }

    private List<ProducerRecord<byte[], byte[]>> putOff(
            ConsumerRecord<byte[], byte[]> record, Delivery known, String why, long dueMillis, long nowMillis) {
        try {
            Duration tier = hops.next(nowMillis, dueMillis);
            Fate fate = Fate.untried(Event.Kind.OVERFLOWED, Fate.Way.RETRY, why).due(nowMillis + tier.toMillis());
            List<ProducerRecord<byte[], byte[]>> records = List.of(
                    new ProducerRecord<>(
                            topics.retry(tier).name(), known.getDestination().getBytes(UTF_8), record.value()),
                    event(known, fate, known.getEnvelope().getRecipients(), nowMillis));
            records.forEach(OutcomeRecords::requireWritable);
            return records;
        } catch (RuntimeException e) {
            // Larger than any record of ours, perhaps: what Kafka refuses would fail every batch that it is in.
            return Rejection.of(topics, Rejection.Source.of(record), known.getEnvelope(), String.valueOf(e), nowMillis);
        }
    }

    /** What becomes of a record that nobody can read. */
    List<ProducerRecord<byte[], byte[]>> reject(ConsumerRecord<byte[], byte[]> record, String why, long nowMillis) {
        return Rejection.of(topics, Rejection.Source.of(record), why, nowMillis);
    }

    private ProducerRecord<byte[], byte[]> onward(
            Completion completion, Fate fate, List<Recipient> recipients, long nowMillis) {
        Delivery delivery = completion.delivery().delivery();
        byte[] key = delivery.getDestination().getBytes(UTF_8);
        String topic =
                switch (fate.way()) {
                    case AGAIN -> topics.again().name();
                    case RETRY ->
                        topics.retry(hops.next(nowMillis, fate.dueMillis())).name();
                    case HELD -> topics.held().name();
                    case BOUNCED, EXPIRED -> topics.failed().name();
                    case DONE -> throw new IllegalArgumentException("delivered mail goes nowhere");
                };
        byte[] value =
                switch (fate.way()) {
                    case BOUNCED -> dead(completion, recipients, FailureReason.BOUNCED, nowMillis);
                    case EXPIRED -> dead(completion, recipients, FailureReason.EXPIRED, nowMillis);
                    case AGAIN -> envelopes.encode(Envelopes.rerouted(delivery.getEnvelope(), recipients));
                    default ->
                        envelopes.encode(Envelopes.waiting(delivery.getEnvelope(), recipients, fate.dueMillis()));
                };
        return new ProducerRecord<>(topic, key, value);
    }

    private byte[] dead(Completion completion, List<Recipient> recipients, FailureReason reason, long nowMillis) {
        Envelope envelope = completion.delivery().delivery().getEnvelope();
        return failures.encode(failure(completion, Envelopes.withRecipients(envelope, recipients), reason, nowMillis));
    }

    private static Failure failure(Completion completion, Envelope reported, FailureReason reason, long nowMillis) {
        Delivery delivery = completion.delivery().delivery();
        Envelope envelope = delivery.getEnvelope();
        ByteBuffer headerBlock = completion.headerBlock();
        if (!headerBlock.hasRemaining() && envelope.getContent() instanceof InlineContent content) {
            headerBlock = HeaderBlock.of(content.getOctets());
        }
        return new Failure(
                reported, delivery.getDomain(), delivery.getDestination(), reason, nowMillis, headerBlock, null);
    }

    private ProducerRecord<byte[], byte[]> event(
            Delivery delivery, Fate fate, List<Recipient> recipients, long nowMillis) {
        Envelope envelope = delivery.getEnvelope();
        Event event = Event.of(fate.event(), nowMillis, envelope, recipients)
                .with("domain", delivery.getDomain())
                .with("destination", delivery.getDestination())
                .with("millis", nowMillis - envelope.getReceived().getAt());
        if (fate.attempt() > 0) {
            event.with("attempt", fate.attempt());
        }
        if (fate.reply() != null) {
            event.reply(fate.reply());
        }
        if (fate.reason() != null) {
            event.with("reason", fate.reason());
        }
        if (fate.dueMillis() > 0) {
            event.at("dueAt", fate.dueMillis());
        }
        switch (fate.mark()) {
            case TLS -> event.with("tls", true);
            case IN_DOUBT -> event.with("inDoubt", true);
            case FAULT -> event.with("fault", true);
            case NONE -> {}
        }
        byte[] key = envelope.getQueueId().getBytes(UTF_8);
        return new ProducerRecord<>(topics.events().name(), key, event.toJson());
    }
}
