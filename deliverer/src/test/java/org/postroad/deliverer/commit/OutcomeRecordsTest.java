package org.postroad.deliverer.commit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.postroad.deliverer.Samples.reply;
import static org.postroad.deliverer.Samples.tried;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.content.HeaderBlock;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;

class OutcomeRecordsTest {
    private static final TopicPartition PARTITION = new TopicPartition("p.outbound", 0);
    private static final long NOW = Samples.ACCEPTED_AT + 2_000;
    private static final RetryConfig RETRY = RetryConfig.DEFAULT;

    private final KnownSchemas schemas = new KnownSchemas();
    private final Topics topics = new Topics("p.", Topics.Size.STANDALONE, RETRY.tiers(), RETRY.lifetime());
    private final OutcomeRecords records = new OutcomeRecords(topics, schemas, new RetryPolicy(RETRY.schedule()));

    @Test
    void aDeliveredMessageCostsOneEvent() throws Exception {
        List<ProducerRecord<byte[], byte[]>> made = made(
                NOW,
                outcome(tried("a@b.test", 0, 0), new Outcome.Delivered(reply(250, "2.0.0", "ok"), true, false)),
                outcome(tried("b@b.test", 0, 0), new Outcome.Delivered(reply(250, "2.0.0", "ok"), true, false)));
        assertThat(made).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("p.events");
            assertThat(new String(record.key(), UTF_8)).isEqualTo(Samples.queueId(1));
        });
        JsonNode event = events(made).get(0);
        assertThat(event.get("event").asText()).isEqualTo("delivered");
        assertThat(event.get("recipients")).hasSize(2);
        assertThat(event.get("millis").asLong()).isEqualTo(2_000);
        assertThat(event.get("attempt").asInt()).isEqualTo(1);
        assertThat(event.get("tls").asBoolean()).isTrue();
        assertThat(event.get("destination").asText()).isEqualTo("b.test");
        assertThat(event.get("exchanger").asText()).isEqualTo("mx.b.test[192.0.2.1]:25");
    }

    @Test
    void successIsReportedWhereItIsAskedForAndNobodyBehindUsTells() throws Exception {
        Outcome here = new Outcome.Delivered(reply(250, "2.0.0", "ok"), false, false);
        Outcome there = new Outcome.Delivered(reply(250, "2.0.0", "ok"), false, true);
        List<ProducerRecord<byte[], byte[]>> made = made(
                NOW,
                outcome(asking("a@b.test", Notify.SUCCESS, Notify.FAILURE), here),
                outcome(asking("b@b.test", Notify.SUCCESS), there),
                outcome(asking("c@b.test", Notify.FAILURE, Notify.DELAY), here),
                outcome(asking("d@b.test", Notify.NEVER), here),
                outcome(asking("e@b.test"), here),
                outcome(asking("f@b.test", Notify.SUCCESS), new Outcome.Deferred(reply(451, "4.3.0", "later"), false)));
        assertThat(made)
                .extracting(ProducerRecord::topic)
                .containsExactly("p.events", "p.retry.5m", "p.events", "p.failed");
        Failure report = new Codec<>(Failure.class, schemas).decode(made.get(3).value());
        assertThat(report.getReason()).isEqualTo(FailureReason.RELAYED);
        assertThat(report.getEnvelope().getRecipients()).singleElement().satisfies(recipient -> {
            assertThat(recipient.getAddress()).isEqualTo("a@b.test");
            assertThat(recipient.getLastReply()).isEqualTo(reply(250, "2.0.0", "ok"));
        });
        assertThat(Envelopes.contentOctets(report.getEnvelope())).isZero();
        assertThat(UTF_8.decode(report.getHeaderBlock()).toString()).startsWith("Subject: hello\r\n");
    }

    private static Recipient asking(String address, Notify... wanted) {
        return new Recipient(address, List.of(wanted), null, 0, 0, null);
    }

    @Test
    void threeRecipientsHaveThreeFates() throws Exception {
        List<ProducerRecord<byte[], byte[]>> made = made(
                NOW,
                outcome(tried("a@b.test", 0, 0), new Outcome.Delivered(reply(250, "2.0.0", "ok"), false, false)),
                outcome(tried("b@b.test", 0, 0), new Outcome.Deferred(reply(451, "4.3.0", "later"), false)),
                outcome(tried("c@b.test", 0, 0), new Outcome.Bounced(reply(550, "5.1.1", "nobody"))));
        assertThat(made)
                .extracting(ProducerRecord::topic)
                .containsExactly("p.events", "p.retry.5m", "p.events", "p.failed", "p.events");
        assertThat(events(made))
                .extracting(event -> event.get("event").asText())
                .containsExactly("delivered", "deferred", "failed");

        Envelope waiting =
                new Codec<>(Envelope.class, schemas).decode(made.get(1).value());
        assertThat(waiting.getNotBefore()).isEqualTo(NOW + 300_000);
        assertThat(waiting.getRecipients()).singleElement().satisfies(recipient -> {
            assertThat(recipient.getAddress()).isEqualTo("b@b.test");
            assertThat(recipient.getAttempts()).isEqualTo(1);
            assertThat(recipient.getLastReply()).isEqualTo(reply(451, "4.3.0", "later"));
        });
        Failure failure = new Codec<>(Failure.class, schemas).decode(made.get(3).value());
        assertThat(failure.getReason()).isEqualTo(FailureReason.BOUNCED);
        assertThat(failure.getEnvelope().getRecipients())
                .extracting(Recipient::getAddress)
                .containsExactly("c@b.test");
        assertThat(UTF_8.decode(failure.getHeaderBlock()).toString())
                .isEqualTo("Subject: hello\r\nFrom: <a@a.test>\r\n");
        assertThat(new String(made.get(3).key(), UTF_8)).isEqualTo("b.test");
    }

    @Test
    void expiryIsJudgedAfterARealAttemptOnly() throws Exception {
        long late = Samples.EXPIRY;
        assertThat(topicsOf(late, new Outcome.Deferred(reply(451, "4.3.0", "later"), false)))
                .containsExactly("p.failed", "p.events");
        assertThat(topicsOf(late - 1, new Outcome.Deferred(reply(451, "4.3.0", "later"), false)))
                .containsExactly("p.retry.5m", "p.events");
        assertThat(topicsOf(late, new Outcome.Faulted(reply(451, "4.3.0", "bug"))))
                .containsExactly("p.retry.1m", "p.events");
        assertThat(topicsOf(late, new Outcome.Untried(Duration.ofSeconds(30), "backlog")))
                .containsExactly("p.retry.30s", "p.events");
        JsonNode event = events(made(
                        late,
                        outcome(tried("a@b.test", 7, 0), new Outcome.Deferred(reply(451, "4.3.0", "later"), false))))
                .get(0);
        assertThat(event.get("reason").asText()).isEqualTo("expired");
        assertThat(event.get("attempt").asInt()).isEqualTo(8);
    }

    @Test
    void mailThatGoesRoundAtOnceCountsItsRoundsAndAWaitForgetsThem() throws Exception {
        Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
        Outcome again = new Outcome.Untried(Duration.ZERO, "route too old");
        Outcome later = new Outcome.Deferred(reply(451, "4.3.0", "later"), false);
        Envelope envelope = Samples.envelope(Samples.queueId(1), tried("a@b.test", 0, 0));
        for (int rounds = 1; rounds <= 3; rounds++) {
            envelope = codec.decode(onward(envelope, again).value());
            assertThat(Envelopes.reroutes(envelope)).isEqualTo(rounds);
        }
        assertThat(Envelopes.reroutes(codec.decode(onward(envelope, later).value())))
                .isZero();
    }

    /** So that a flush, or the destination's recovery, finds it as any other mail. */
    @Test
    void theTimesOfMailForLaterAreOursOnceItsTimeHasCome() throws Exception {
        Envelope later = Envelope.newBuilder(Samples.envelope(Samples.queueId(1), NOW, tried("a@b.test", 0, 0)))
                .setRequires(FutureRelease.required())
                .build();
        for (Outcome outcome : List.of(
                new Outcome.Deferred(reply(451, "4.3.0", "later"), false),
                new Outcome.Untried(Duration.ofSeconds(30), "backlog"),
                new Outcome.Untried(Duration.ZERO, "route too old"))) {
            Envelope waiting = new Codec<>(Envelope.class, schemas)
                    .decode(onward(later, outcome).value());
            assertThat(FutureRelease.isAskedFor(waiting)).as("%s", outcome).isFalse();
        }
    }

    private ProducerRecord<byte[], byte[]> onward(Envelope envelope, Outcome outcome) {
        OpenDelivery open = new OpenDelivery(PARTITION, 1, 1, 1_000, Samples.delivery(envelope));
        Completion completion = Completion.finished(
                open, List.of(new RecipientOutcome(envelope.getRecipients().get(0), outcome)));
        return records.of(completion, NOW).get(0);
    }

    @Test
    void whatIsInDoubtSaysSo() throws Exception {
        JsonNode event = events(made(
                        NOW, outcome(tried("a@b.test", 0, 0), new Outcome.Deferred(reply(451, "4.4.2", "lost"), true))))
                .get(0);
        assertThat(event.get("inDoubt").asBoolean()).isTrue();
        assertThat(event.get("dueAt").asText()).isEqualTo("2026-01-01T00:30:02Z");
    }

    @Test
    void whatIsInDoubtAfterALongHoldWaitsNoLonger() throws Exception {
        Envelope held = Samples.envelope(Samples.queueId(1), tried("a@b.test", 0, 0));
        held.getReceived().put("at", NOW - Duration.ofDays(7).toMillis());
        held.put("meta", FutureRelease.meta(NOW));
        ProducerRecord<byte[], byte[]> waiting = onward(held, new Outcome.Deferred(reply(451, "4.4.2", "lost"), true));
        assertThat(new Codec<>(Envelope.class, schemas).decode(waiting.value()).getNotBefore())
                .isEqualTo(NOW + Duration.ofMinutes(30).toMillis());
    }

    @Test
    void faultsAreNotAttemptsAndEndInAHold() throws Exception {
        Outcome fault = new Outcome.Faulted(reply(451, "4.3.0", "bug"));
        List<ProducerRecord<byte[], byte[]>> fourth = made(NOW, outcome(tried("a@b.test", 2, 3), fault));
        Recipient recipient = new Codec<>(Envelope.class, schemas)
                .decode(fourth.get(0).value())
                .getRecipients()
                .get(0);
        assertThat(recipient.getAttempts()).isEqualTo(2);
        assertThat(recipient.getFaults()).isEqualTo(4);
        assertThat(events(fourth).get(0).get("fault").asBoolean()).isTrue();

        List<ProducerRecord<byte[], byte[]>> fifth = made(NOW, outcome(recipient, fault));
        assertThat(fifth).extracting(ProducerRecord::topic).containsExactly("p.held", "p.events");
        assertThat(events(fifth).get(0).get("event").asText()).isEqualTo("held");
    }

    @Test
    void untriedMailKeepsItsCountsAndGoesBackAtOnceWhenOnlyItsRouteWasOld() throws Exception {
        assertThat(topicsOf(NOW, new Outcome.Untried(Duration.ZERO, "old route")))
                .containsExactly("p.again");
        List<ProducerRecord<byte[], byte[]>> overflow =
                made(NOW, outcome(tried("a@b.test", 2, 1), new Outcome.Untried(Duration.ofMinutes(2), "backlog")));
        Envelope envelope =
                new Codec<>(Envelope.class, schemas).decode(overflow.get(0).value());
        assertThat(envelope.getRecipients()).containsExactly(tried("a@b.test", 2, 1));
        assertThat(envelope.getNotBefore()).isEqualTo(NOW + 120_000);
        assertThat(events(overflow).get(0).get("event").asText()).isEqualTo("overflowed");
    }

    @Test
    void heldMailSaysWhy() throws Exception {
        List<ProducerRecord<byte[], byte[]>> made =
                made(NOW, outcome(tried("a@b.test", 0, 0), new Outcome.Held("content is gone")));
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.held", "p.events");
        assertThat(events(made).get(0).get("reason").asText()).isEqualTo("content is gone");
    }

    @Test
    void recipientsOfDifferentAgeAreNotGrouped() throws Exception {
        Outcome deferred = new Outcome.Deferred(reply(451, "4.3.0", "later"), false);
        assertThat(made(NOW, outcome(tried("a@b.test", 0, 0), deferred), outcome(tried("b@b.test", 1, 0), deferred)))
                .extracting(ProducerRecord::topic)
                .containsExactly("p.retry.5m", "p.events", "p.retry.15m", "p.events");
    }

    @Test
    void faultsAreTriedAgainLaterAndLater() {
        Outcome fault = new Outcome.Faulted(reply(451, "4.3.0", "bug"));
        for (int faults = 0; faults < 4; faults++) {
            assertThat(made(NOW, outcome(tried("a@b.test", 0, faults), fault))
                            .get(0)
                            .topic())
                    .isEqualTo("p.retry." + List.of("1m", "5m", "15m", "1h").get(faults));
        }
    }

    /** A reply without words cannot be encoded; whoever forgot them, the others' fates stand. */
    @Test
    void whatCannotBeDescribedIsHeldAndWhatIsDeliveredStaysDelivered() throws Exception {
        List<ProducerRecord<byte[], byte[]>> made = made(
                NOW,
                outcome(tried("a@b.test", 0, 0), new Outcome.Delivered(wordless(250), true, false)),
                outcome(tried("b@b.test", 0, 0), new Outcome.Deferred(wordless(451), false)),
                outcome(tried("c@b.test", 0, 0), new Outcome.Bounced(reply(550, "5.1.1", "nobody"))));
        assertThat(made)
                .extracting(ProducerRecord::topic)
                .containsExactly("p.events", "p.held", "p.events", "p.failed", "p.events");
        Envelope held = new Codec<>(Envelope.class, schemas).decode(made.get(1).value());
        assertThat(held.getRecipients()).extracting(Recipient::getAddress).containsExactly("b@b.test");
        assertThat(events(made).get(0).get("event").asText()).isEqualTo("delivered");
        assertThat(events(made).get(1).get("reason").asText()).startsWith("an outcome that cannot be described");
    }

    @Test
    void noRecordIsLargerThanATopicTakes() throws Exception {
        String text = "x".repeat(700_000);
        List<ProducerRecord<byte[], byte[]>> made =
                made(NOW, outcome(tried("a@b.test", 0, 0), new Outcome.Deferred(reply(451, "4.3.0", text), false)));
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.retry.5m", "p.events");
        made = made(
                NOW, outcome(tried("a@b.test", 0, 0), new Outcome.Deferred(reply(451, "4.3.0", text + text), false)));
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.held", "p.events");
        made = made(NOW, outcome(tried(text + text, 0, 0), new Outcome.Bounced(reply(550, "5.1.1", "nobody"))));
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.rejects", "p.rejects", "p.events");
        assertThat(made).allMatch(record -> record.value().length <= Caps.RECORD_OCTETS);
        assertThat(new String(made.get(2).value(), UTF_8))
                .contains("\"event\":\"rejected\"", "\"recipients\":[\"" + "x".repeat(Caps.ADDRESS_OCTETS) + "\"]");
    }

    @Test
    void aRejectAsLargeAsARecordCanBeIsKeptInParts() {
        byte[] value = new byte[Caps.BATCH_OCTETS - 100];
        Arrays.fill(value, 0, Caps.RECORD_OCTETS, (byte) 1);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("p.outbound", 0, 7, new byte[9_000], value);
        List<ProducerRecord<byte[], byte[]>> made = records.reject(record, "w".repeat(5_000), NOW);
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.rejects", "p.rejects", "p.events");
        assertThat(made.get(0).value()).hasSize(Caps.RECORD_OCTETS).containsOnly(1);
        assertThat(made.get(1).value())
                .hasSize(value.length - Caps.RECORD_OCTETS)
                .containsOnly(0);
        assertThat(new String(made.get(1).headers().lastHeader(Rejection.PART).value(), UTF_8))
                .isEqualTo("2/2");
        assertThat(made).allMatch(part -> part.key().length + part.value().length < Caps.BATCH_OCTETS - 8_192);
    }

    private static LastReply wordless(int code) {
        return new LastReply(code, "", null, "mx.b.test[192.0.2.1]:25", Samples.ACCEPTED_AT);
    }

    @Test
    void aHeaderBlockEndsAtALine() {
        String line = "X-Long: " + "y".repeat(990) + "\r\n";
        ByteBuffer block = HeaderBlock.of(ByteBuffer.wrap(line.repeat(40).getBytes(UTF_8)));
        assertThat(block.remaining()).isEqualTo(16 * line.length());
        assertThat(HeaderBlock.of(ByteBuffer.wrap("\r\nbody".getBytes(UTF_8))).remaining())
                .isZero();
        assertThat(HeaderBlock.of(ByteBuffer.wrap("A: b\r\n".getBytes(UTF_8))).remaining())
                .isEqualTo(6);
        assertThat(HeaderBlock.of(ByteBuffer.allocate(0)).remaining()).isZero();
    }

    private List<String> topicsOf(long now, Outcome outcome) {
        return made(now, outcome(tried("a@b.test", 0, 0), outcome)).stream()
                .map(ProducerRecord::topic)
                .toList();
    }

    private List<ProducerRecord<byte[], byte[]>> made(long now, RecipientOutcome... outcomes) {
        Recipient[] recipients =
                Stream.of(outcomes).map(RecipientOutcome::recipient).toArray(Recipient[]::new);
        OpenDelivery delivery = Samples.open(PARTITION, 1, 1, recipients);
        return records.of(Completion.finished(delivery, List.of(outcomes)), now);
    }

    private static RecipientOutcome outcome(Recipient recipient, Outcome outcome) {
        return new RecipientOutcome(recipient, outcome);
    }

    private static List<JsonNode> events(List<ProducerRecord<byte[], byte[]>> made) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record :
                made.stream().filter(r -> r.topic().equals("p.events")).collect(Collectors.toList())) {
            events.add(new ObjectMapper().readTree(record.value()));
        }
        return events;
    }
}
