package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.HeaderBlock;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;

/** The dead letter of mail on which an operator gives up, and what the world is told. */
final class GivenUp {
    private static final int CODE = 554;
    private static final String STATUS = "5.0.0";
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final Topics topics;
    private final Codec<Failure> failures;

    GivenUp(Topics topics, KnownSchemas schemas) {
        this.topics = topics;
        this.failures = new Codec<>(Failure.class, schemas);
    }

    /**
     * The letter: if its sender is told, with the reply that says so and what was answered last; else with the last answers as they are.
     */
    ProducerRecord<byte[], byte[]> letter(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope whole, List<Recipient> meant, long nowMillis) {
        boolean told = job.action() == Job.Action.BOUNCE;
        List<Recipient> dead = told
                ? meant.stream()
                        .map(recipient -> dead(job, recipient, nowMillis))
                        .toList()
                : meant;
        // What is not in the envelope is not read here: a report of large mail has only the lines that we added.
        ByteBuffer headers =
                whole.getContent() instanceof InlineContent content ? HeaderBlock.of(content.getOctets()) : NONE;
        Failure letter = new Failure(
                Envelopes.withRecipients(whole, dead),
                domain(meant),
                new String(record.key(), UTF_8),
                told ? FailureReason.BOUNCED : FailureReason.DROPPED,
                nowMillis,
                headers,
                null);
        return new ProducerRecord<>(topics.failed().name(), record.key(), failures.encode(letter));
    }

    Event event(
            Job job, ConsumerRecord<byte[], byte[]> record, Envelope envelope, List<Recipient> meant, long nowMillis) {
        boolean told = job.action() == Job.Action.BOUNCE;
        Event event = Event.of(told ? Event.Kind.FAILED : Event.Kind.DROPPED, nowMillis, envelope, meant)
                .with("domain", domain(meant))
                .with("destination", new String(record.key(), UTF_8))
                .with("millis", nowMillis - envelope.getReceived().getAt())
                .with("job", job.id())
                .with("reason", told ? "bounced" : job.reason());
        return told ? event.reply(reply(words(job), nowMillis)) : event;
    }

    private static Recipient dead(Job job, Recipient recipient, long nowMillis) {
        LastReply before = recipient.getLastReply();
        LastReply last = InDoubt.kept(before, reply(words(job) + answer(before), nowMillis));
        return Envelopes.tried(recipient, recipient.getAttempts(), recipient.getFaults(), last);
    }

    private static LastReply reply(String words, long nowMillis) {
        return new LastReply(CODE, STATUS, Caps.cut(words, Caps.REPLY_TEXT_OCTETS), null, nowMillis);
    }

    private static String words(Job job) {
        return "given up by the operator of this system" + (job.reason().isEmpty() ? "" : ": " + job.reason());
    }

    private static String answer(@Nullable LastReply before) {
        if (before == null) {
            return "; it was not tried";
        }
        String who = before.getExchanger() == null ? "" : " of " + before.getExchanger();
        return "; the last answer" + who + ": " + before.getCode() + " " + before.getStatus() + " " + before.getText();
    }

    /** They all have the same once mail is routed. */
    private static String domain(List<Recipient> recipients) {
        String address = recipients.get(0).getAddress();
        return address.substring(address.lastIndexOf('@') + 1);
    }
}
