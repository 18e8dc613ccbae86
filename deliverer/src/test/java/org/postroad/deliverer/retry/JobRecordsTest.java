package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.NewerNode;

/** What becomes of a record that waits, and that a job takes. */
class JobRecordsTest {
    private static final long NOW = 1_000_000;

    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
    private final Topics topics =
            new Topics("p.", Topics.Size.STANDALONE, RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.lifetime());
    private final JobRecords records = new JobRecords(topics, schemas, new MailReader(schemas));

    @Test
    void whatIsReplayedBeginsAnew() throws Exception {
        Envelope mail = mail(tried("full@b.test", "mailbox full"));
        List<ProducerRecord<byte[], byte[]>> written = give(Job.Action.REPLAY, "mended", "p.retry.5m", mail, null);
        assertThat(topicsOf(written)).containsExactly("p.again", "p.events");
        Envelope anew = codec.decode(written.get(0).value());
        assertThat(anew.getGeneration()).isEqualTo(mail.getGeneration());
        assertThat(anew.getNotBefore()).isZero();
        assertThat(anew.getExpiry()).isEqualTo(NOW + topics.lifetime().toMillis());
        assertThat(anew.getRecipients()).singleElement().satisfies(recipient -> {
            assertThat(recipient.getAttempts()).isZero();
            assertThat(recipient.getLastReply()).isNull();
        });
        assertThat(new String(written.get(1).value(), UTF_8))
                .contains("\"event\":\"released\"", "\"reason\":\"replay: mended\"");
    }

    @Test
    void aBounceIsADeadLetterThatSaysWhoGaveUpAndWhatWasAnsweredLast() throws Exception {
        Envelope mail = mail(tried("full@b.test", "mailbox full"), Samples.recipient("new@b.test"));
        List<ProducerRecord<byte[], byte[]>> written =
                give(Job.Action.BOUNCE, "it has moved", "p.retry.5m", mail, "full");
        assertThat(topicsOf(written)).containsExactly("p.failed", "p.retry.5m", "p.events");
        Failure letter = failure(written);
        assertThat(letter.getReason()).isEqualTo(FailureReason.BOUNCED);
        assertThat(letter.getDomain() + " " + letter.getDestination()).isEqualTo("b.test roll-up");
        assertThat(UTF_8.decode(letter.getHeaderBlock()).toString()).isEqualTo("Subject: x\r\n");
        Recipient dead = letter.getEnvelope().getRecipients().get(0);
        assertThat(dead.getAddress() + " " + dead.getAttempts()).isEqualTo("full@b.test 1");
        assertThat(said(dead))
                .isEqualTo("554 5.0.0 given up by the operator of this system: it has moved;"
                        + " the last answer of mx.b.test[192.0.2.1]:25: 450 4.2.0 mailbox full");
        assertThat(recipients(written.get(1))).containsExactly("new@b.test");
        assertThat(new String(written.get(2).value(), UTF_8))
                .contains(
                        "\"event\":\"failed\"", "\"full@b.test\"", "\"reason\":\"bounced\"", "\"job\":\"000000000001\"")
                .contains("\"code\":554", "given up by the operator of this system: it has moved");
    }

    @Test
    void aReportStillSaysThatMailMayHaveArrivedOrWasNeverTried() throws Exception {
        Envelope mail = mail(tried("doubt@b.test", InDoubt.WORDS), Samples.recipient("new@b.test"));
        List<Recipient> dead = failure(give(Job.Action.BOUNCE, "", "p.held", mail, null))
                .getEnvelope()
                .getRecipients();
        assertThat(InDoubt.isSaidIn(dead.get(0).getLastReply())).isTrue();
        assertThat(said(dead.get(1))).isEqualTo("554 5.0.0 given up by the operator of this system; it was not tried");
    }

    @Test
    void whatIsDroppedKeepsItsLastAnswers() throws Exception {
        Envelope mail = mail(tried("full@b.test", "mailbox full"), Samples.recipient("new@b.test"));
        List<ProducerRecord<byte[], byte[]>> written = give(Job.Action.DROP, "spam", "p.held", mail, null);
        assertThat(topicsOf(written)).containsExactly("p.failed", "p.events");
        Failure letter = failure(written);
        assertThat(letter.getReason()).isEqualTo(FailureReason.DROPPED);
        assertThat(letter.getEnvelope().getRecipients()).isEqualTo(mail.getRecipients());
        assertThat(new String(written.get(1).value(), UTF_8))
                .contains("\"event\":\"dropped\"", "\"reason\":\"spam\"", "\"job\":\"000000000001\"")
                .doesNotContain("\"code\"");
    }

    @Test
    void whoeverIsNotMeantOfHeldMailIsHeldOn() throws Exception {
        Envelope mail = mail(tried("full@b.test", "mailbox full"), Samples.recipient("new@b.test"));
        List<ProducerRecord<byte[], byte[]>> written = give(Job.Action.DROP, "", "p.held", mail, "full");
        assertThat(topicsOf(written)).containsExactly("p.failed", "p.held", "p.events");
    }

    @Test
    void whatOnlyANewerNodeMayTakeApartChangesItsPlaceAsItIs() throws Exception {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        schemas.add(newer.schema());
        Envelope mail = mail(tried("full@b.test", "mailbox full"), Samples.recipient("new@b.test"));
        byte[] octets = newer.withSymbol(codec.encode(mail), "body");
        List<Recipient> one = mail.getRecipients().subList(0, 1);
        JobRecords.Taken some =
                records.of(Map.of(job(Job.Action.FLUSH, ""), one), record("p.retry.5m", octets), mail, NOW);
        assertThat(some.recipients()).isEmpty();
        assertThat(topicsOf(some.records())).containsExactly("p.retry.5m");
        assertThat(some.records().get(0).value()).isEqualTo(octets);
        List<Recipient> both = mail.getRecipients();
        JobRecords.Taken all =
                records.of(Map.of(job(Job.Action.FLUSH, ""), both), record("p.retry.5m", octets), mail, NOW);
        assertThat(topicsOf(all.records())).containsExactly("p.again", "p.events");
        assertThat(all.records().get(0).value()).isEqualTo(octets);
    }

    @Test
    void whatOnlyANewerNodeMayTakeApartIsNotGivenUp() throws Exception {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        schemas.add(newer.schema());
        Envelope mail = mail(Samples.recipient("a@b.test"));
        byte[] octets = newer.withSymbol(codec.encode(mail), "body");
        JobRecords.Taken taken = records.of(
                Map.of(job(Job.Action.BOUNCE, ""), mail.getRecipients()), record("p.held", octets), mail, NOW);
        assertThat(taken.recipients()).isEmpty();
        assertThat(topicsOf(taken.records())).containsExactly("p.held");
        assertThat(taken.records().get(0).value()).isEqualTo(octets);
    }

    @Test
    void whatCannotBeDoneForAReasonThatNobodyForesawWaitsOnAsItIs() throws Exception {
        Envelope mail = mail(Samples.recipient("a@b.test"));
        byte[] octets = codec.encode(mail);
        ConsumerRecord<byte[], byte[]> noKey = new ConsumerRecord<>("p.held", 0, 7, null, octets);
        JobRecords.Taken taken = records.of(Map.of(job(Job.Action.BOUNCE, ""), mail.getRecipients()), noKey, mail, NOW);
        assertThat(taken.recipients()).isEmpty();
        assertThat(topicsOf(taken.records())).containsExactly("p.held");
        assertThat(taken.records().get(0).value()).isEqualTo(octets);
    }

    /** @param reply of those that are meant; null for all */
    private List<ProducerRecord<byte[], byte[]>> give(
            Job.Action action, String reason, String topic, Envelope mail, @Nullable String reply) throws Exception {
        List<Recipient> meant = new ArrayList<>(mail.getRecipients());
        meant.removeIf(recipient -> reply != null
                && (recipient.getLastReply() == null
                        || !recipient.getLastReply().getText().contains(reply)));
        Job job = job(action, reason);
        JobRecords.Taken taken = records.of(Map.of(job, meant), record(topic, codec.encode(mail)), mail, NOW);
        assertThat(taken.recipients()).containsExactly(Map.entry(job, meant.size()));
        return taken.records();
    }

    private static Job job(Job.Action action, String reason) {
        return new Job("000000000001", action, Selector.of(Map.of("all", "true")), Map.of(), reason, "", NOW);
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, byte[] value) {
        return new ConsumerRecord<>(topic, 0, 7, "roll-up".getBytes(UTF_8), value);
    }

    private static Envelope mail(Recipient... recipients) {
        return Envelope.newBuilder(Samples.envelope(Samples.queueId(0), NOW + 300_000, recipients))
                .setContent(new InlineContent(ByteBuffer.wrap("Subject: x\r\n\r\nText".getBytes(UTF_8))))
                .build();
    }

    private static Recipient tried(String address, String reply) {
        return new Recipient(address, List.of(), null, 1, 0, Samples.reply(450, "4.2.0", reply));
    }

    private static List<String> topicsOf(List<ProducerRecord<byte[], byte[]>> records) {
        return records.stream().map(ProducerRecord::topic).toList();
    }

    private Failure failure(List<ProducerRecord<byte[], byte[]>> written) throws Exception {
        return new Codec<>(Failure.class, schemas).decode(written.get(0).value());
    }

    private List<String> recipients(ProducerRecord<byte[], byte[]> record) throws Exception {
        return codec.decode(record.value()).getRecipients().stream()
                .map(Recipient::getAddress)
                .toList();
    }

    private static String said(Recipient recipient) {
        LastReply reply = Objects.requireNonNull(recipient.getLastReply());
        return reply.getCode() + " " + reply.getStatus() + " " + reply.getText();
    }
}
