package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postroad.deliverer.retry.Hops;
import org.postroad.deliverer.retry.RetryPolicy;
import org.postroad.deliverer.work.Completion;
import org.postroad.deliverer.work.RecipientOutcome;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;

/** Turns the end of a delivery into records: where each recipient's mail goes next, and what the world is told. */
public final class OutcomeRecords {
    private final Topics topics;
    private final Codec<Envelope> envelopes;
    private final Codec<Failure> failures;
    private final FateJudge judge;
    private final Hops hops;

    public OutcomeRecords(Topics topics, KnownSchemas schemas, RetryPolicy policy) {
        this.topics = topics;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.failures = new Codec<>(Failure.class, schemas);
        this.judge = new FateJudge(policy);
        this.hops = new Hops(topics.tiers());
    }

    /** Every record that a finished delivery causes. */
    List<ProducerRecord<byte[], byte[]>> of(Completion completion, long nowMillis) {
        Envelope envelope = completion.delivery().delivery().getEnvelope();
        Map<Fate, List<Recipient>> fates = new LinkedHashMap<>();
        for (RecipientOutcome outcome : completion.outcomes()) {
            FateJudge.Judgement judgement =
                    judge.of(outcome.outcome(), outcome.recipient(), nowMillis, envelope.getExpiry());
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
        return records;
    }

    /** What becomes of a record that nobody can read. */
    List<ProducerRecord<byte[], byte[]>> reject(
            ConsumerRecord<byte[], byte[]> record, UndecodableException why, long nowMillis) {
        return Rejection.of(topics, record, why, nowMillis);
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
                    case BOUNCED -> failures.encode(failure(completion, recipients, FailureReason.BOUNCED, nowMillis));
                    case EXPIRED -> failures.encode(failure(completion, recipients, FailureReason.EXPIRED, nowMillis));
                    default ->
                        envelopes.encode(Envelopes.waiting(delivery.getEnvelope(), recipients, fate.dueMillis()));
                };
        return new ProducerRecord<>(topic, key, value);
    }

    private static Failure failure(
            Completion completion, List<Recipient> recipients, FailureReason reason, long nowMillis) {
        Delivery delivery = completion.delivery().delivery();
        Envelope envelope = delivery.getEnvelope();
        ByteBuffer headerBlock = completion.headerBlock();
        if (!headerBlock.hasRemaining() && envelope.getContent() instanceof InlineContent content) {
            headerBlock = HeaderBlock.of(content.getOctets());
        }
        return new Failure(
                Envelopes.withRecipients(envelope, recipients),
                delivery.getDomain(),
                delivery.getDestination(),
                reason,
                nowMillis,
                headerBlock);
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
