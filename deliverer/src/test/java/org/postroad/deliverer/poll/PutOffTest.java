package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.commit.OutcomeRecords;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Topics;
import org.postroad.testkit.NewerNode;

/** What newer routers write into deliveries: it is never sent, judged, counted, or written anew by a deliverer that does not know it. */
class PutOffTest extends MockedPoller {
    private static final NewerNode NEWER = new NewerNode(Delivery.SCHEMA$);

    static Stream<byte[]> deliveriesOfNewerNodes() {
        byte[] today = today();
        return Stream.concat(
                NEWER.enumPlaces().stream().map(place -> NEWER.withSymbol(today, place)),
                Stream.of(
                        NEWER.requiring(today, "route.requires", "dane"),
                        NEWER.requiring(today, "envelope.requires", "seal")));
    }

    @ParameterizedTest
    @MethodSource("deliveriesOfNewerNodes")
    void itIsFinishedUncountedAndItsPartitionGoesOn(byte[] octets) {
        schemas.add(NEWER.schema());
        assign(FIRST);
        turn();
        cluster.consumer.addRecord(record(0, octets));
        send(FIRST, 1);
        turn();
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(1));
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
        assertThat(metric("postroad_deliverer_newer_total")).isEqualTo(1);
        assertThat(metric("postroad_deliverer_rejected_total")).isZero();
        assertThat(cluster.written).hasSize(2);
        assertThat(cluster.written.get(1))
                .contains("\"event\":\"overflowed\"", "written by a newer node: ", "\"recipients\":[\"a@b.test\"]")
                .doesNotContain("\"attempt\"");
    }

    @ParameterizedTest
    @MethodSource("deliveriesOfNewerNodes")
    void itIsWrittenOctetByOctetAsItWas(byte[] octets) throws Exception {
        schemas.add(NEWER.schema());
        List<ProducerRecord<byte[], byte[]>> made = putOff(octets, Samples.ACCEPTED_AT + 1_000);
        assertThat(made).extracting(ProducerRecord::topic).containsExactly("p.retry.1m", "p.events");
        assertThat(made.get(0).key()).asString(UTF_8).isEqualTo("b.test");
        assertThat(made.get(0).value()).isEqualTo(octets);
        assertThat(NEWER.read(octets).get(NewerNode.FIELD).toString()).isEqualTo("later");
    }

    @Test
    void newFieldsAreIgnored() {
        schemas.add(NEWER.schema());
        assign(FIRST);
        turn();
        cluster.consumer.addRecord(record(0, NEWER.withFields(today())));
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(0));
    }

    /** The longer it has waited, the longer it waits, so that many are no storm; an upgrade is noticed within the hour. */
    @ParameterizedTest
    @CsvSource({"0,1m", "180,1m", "1800,5m", "3600,15m", "14400,1h", "4000000,1h", "-60,1m"})
    void itWaitsAThirdOfItsAge(long seconds, String tier) throws Exception {
        schemas.add(NEWER.schema());
        byte[] octets = NEWER.withSymbol(today(), "route.kind");
        assertThat(putOff(octets, Samples.ACCEPTED_AT + seconds * 1_000).get(0).topic())
                .isEqualTo("p.retry." + tier);
    }

    /** Only a stranger writes such a one; Kafka would refuse it, and with it every batch that it is in. */
    @Test
    void whatCannotBeWrittenIsKeptForOperators() throws Exception {
        schemas.add(NEWER.schema());
        Delivery large = delivery();
        large.put("destination", "d".repeat(Caps.BATCH_OCTETS / 2));
        large.getEnvelope().put("content", new InlineContent(java.nio.ByteBuffer.allocate(Caps.BATCH_OCTETS / 3)));
        byte[] octets = NEWER.withSymbol(new Codec<>(Delivery.class, new KnownSchemas()).encode(large), "route.kind");
        assertThat(putOff(octets, Samples.ACCEPTED_AT))
                .extracting(ProducerRecord::topic)
                .contains("p.rejects", "p.events")
                .doesNotContain("p.retry.1m");
    }

    private List<ProducerRecord<byte[], byte[]>> putOff(byte[] octets, long nowMillis) throws Exception {
        RetryConfig retry = RetryConfig.DEFAULT;
        Topics topics = new Topics("p.", Topics.Size.STANDALONE, retry.tiers(), retry.lifetime());
        OutcomeRecords records = new OutcomeRecords(topics, schemas, new RetryPolicy(retry.schedule()));
        return records.putOff(record(0, octets), codec.decodeWhatIsKnown(octets), "newer", nowMillis);
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] octets) {
        return new ConsumerRecord<>(OUTBOUND, 0, offset, "b.test".getBytes(UTF_8), octets);
    }

    private static byte[] today() {
        return new Codec<>(Delivery.class, new KnownSchemas()).encode(delivery());
    }

    /** With something in every place where an enum stands. */
    private static Delivery delivery() {
        Envelope envelope = Samples.envelope(
                Samples.queueId(0), new Recipient("a@b.test", List.of(Notify.DELAY), null, 3, 0, null));
        envelope.put("ret", Ret.HDRS);
        envelope.put("parent", new Parent(Samples.queueId(9), Cause.BOUNCE));
        envelope.put("expiry", Samples.ACCEPTED_AT + Duration.ofDays(1).toMillis());
        return Samples.delivery(envelope);
    }
}
