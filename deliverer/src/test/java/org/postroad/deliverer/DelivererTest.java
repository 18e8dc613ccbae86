package org.postroad.deliverer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Policy;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

@Tag("broker")
class DelivererTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker(@TempDir Path data) throws Exception {
        broker = EmbeddedBroker.start(data, 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void everyDeliveryEndsInOneOutcomeAndAnEmptyRoad() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "all.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            road.send(0, 300);
            Deliverer deliverer = road.deliverer("one", dispatch);
            Road.await(() -> dispatch.started.size() == 300);
            road.send(300, 400);
            Road.await(() -> dispatch.started.size() == 400);
            assertThat(deliverer.isReady()).isTrue();
            deliverer.close();
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 400));
            assertThat(marks(road)).allMatch(mark -> mark == 100);
            assertThat(deliverer.ended()).isCompleted();
        }
    }

    @Test
    void afterARestartExactlyTheUnfinishedComeAgain() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "restart.")) {
            ScriptedDispatch first = ScriptedDispatch.holding(DelivererTest::isEveryThird);
            road.send(0, 300);
            Deliverer deliverer = road.deliverer("one", first);
            Road.await(() -> first.started.size() == 300);
            deliverer.close();
            Set<String> unfinished = new HashSet<>(ids(0, 300));
            unfinished.removeAll(road.queueIds("delivered"));
            assertThat(unfinished).hasSize(100);

            ScriptedDispatch second = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            road.send(300, 304);
            deliverer = road.deliverer("one", second);
            Road.await(() -> second.started.size() >= 104);
            deliverer.close();
            unfinished.addAll(ids(300, 304));
            assertThat(second.started).containsExactlyInAnyOrderElementsOf(unfinished);
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 304));
        }
    }

    @Test
    void aRestartLeapsOverWhatWasFinishedBehindOneSlowMail() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "leap.")) {
            ScriptedDispatch first =
                    ScriptedDispatch.holding(delivery -> delivery.offset() == 0 || delivery.offset() == 1_990);
            road.send(0, 8_000);
            Deliverer deliverer = road.deliverer("one", first);
            Road.await(() -> first.started.size() == 8_000);
            deliverer.close();
            ScriptedDispatch second = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            road.send(8_000, 8_004);
            deliverer = road.deliverer("one", second);
            Road.await(() -> second.started.size() >= 12);
            deliverer.close();
            assertThat(second.started).hasSize(12).containsAll(first.open()).containsAll(ids(8_000, 8_004));
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 8_004));
        }
    }

    @Test
    void whatIsPastItsDotAtTheDrainLimitIsDeferredInDoubt() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "doubt.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.pastTheDot();
            road.send(0, 3);
            Deliverer deliverer = road.deliverer("one", dispatch, Duration.ofMillis(300));
            Road.await(() -> dispatch.open().size() == 3);
            dispatch.finish(Samples.queueId(1));
            deliverer.close();
            assertThat(road.queueIds("delivered")).containsExactly(Samples.queueId(1));
            assertThat(road.events("deferred")).hasSize(2).allMatch(event -> event.get("inDoubt")
                    .asBoolean());
            assertThat(road.metric("postroad_deliverer_in_doubt_total")).isEqualTo(2);
        }
    }

    @Test
    void deferredMailComesBackWhenItIsDue() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "retry.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DEFERRED);
            Deliverer deliverer = road.deliverer("one", dispatch);
            road.send(0, 20);
            Road.await(() -> road.read(road.topics.again().name()).size() == 20);
            deliverer.close();
            List<ConsumerRecord<byte[], byte[]>> waited =
                    road.read(road.topics.retry(Duration.ofSeconds(1)).name());
            List<ConsumerRecord<byte[], byte[]>> again =
                    road.read(road.topics.again().name());
            assertThat(again).hasSize(20);
            long due = waited.get(19).timestamp() + 1_000;
            assertThat(again).allSatisfy(record -> assertThat(record.timestamp())
                    .isBetween(waited.get(0).timestamp() + 1_000, due + 1_000));
            assertThat(road.metric("postroad_retry_released_total")).isEqualTo(20);
        }
    }

    @Test
    void whatCannotBeReadIsRejectedAndThePartitionMovesOn() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "rejects.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            for (int partition = 0; partition < 4; partition++) {
                road.send(partition, "not Avro".getBytes(UTF_8));
            }
            road.send(0, 8);
            Deliverer deliverer = road.deliverer("one", dispatch);
            Road.await(() -> dispatch.started.size() == 8);
            deliverer.close();
            assertThat(road.read(road.topics.rejects().name())).hasSize(4).allSatisfy(record -> {
                assertThat(new String(record.value(), UTF_8)).isEqualTo("not Avro");
                assertThat(new String(record.headers().lastHeader("topic").value(), UTF_8))
                        .isEqualTo("rejects.outbound");
            });
            assertThat(road.events("rejected")).hasSize(4);
            assertThat(marks(road)).allMatch(mark -> mark == 3);
        }
    }

    @Test
    void aNewerNodesSchemaIsLearnedAndNothingIsRejected() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "newer.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            Deliverer deliverer = road.deliverer("one", dispatch);
            Schema newer = newerDelivery();
            Policy announcement =
                    new Policy("schema", "Delivery-newer", Map.of("schema", newer.toString()), "", "", 0L);
            new ControlTopic(road.kafka, road.topics, new KnownSchemas()).write(List.of(announcement));
            road.send(1, encoded(newer));
            road.send(0, 8);
            Road.await(() -> dispatch.started.size() == 9);
            deliverer.close();
            assertThat(road.read(road.topics.rejects().name())).isEmpty();
            assertThat(road.queueIds("delivered")).hasSize(9).contains(Samples.queueId(77));
        }
    }

    @Test
    void aGroupWithoutOffsetsStopsTheNodeWithOneLine() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "lost.");
                Admin admin = Admin.create(road.kafka.admin("test"))) {
            admin.deleteConsumerGroups(List.of(road.topics.delivererGroup()))
                    .all()
                    .get(10, TimeUnit.SECONDS);
            road.send(0, 8);
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            Deliverer deliverer = road.deliverer("one", dispatch);
            assertThatThrownBy(() -> deliverer.ended().get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("no usable committed offset for [lost.outbound-");
            assertThat(deliverer.isLive()).isFalse();
            deliverer.close();
            assertThat(dispatch.started).isEmpty();
        }
    }

    @Test
    void aFencedNodeWritesEveryOutcomeOnce() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "fenced.")) {
            ScriptedDispatch dispatch = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            Deliverer deliverer = road.deliverer("one", dispatch);
            for (int sent = 200; sent <= 1_000; sent += 200) {
                road.send(sent - 200, sent);
                fence(road);
                int expected = sent;
                Road.await(() -> dispatch.started.size() == expected);
            }
            deliverer.close();
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 1_000));
            assertThat(dispatch.started).hasSize(1_000);
        }
    }

    @Test
    void aSecondNodeTakesItsShareAndNothingIsDeliveredTwice() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "two.")) {
            ScriptedDispatch first = ScriptedDispatch.holding(DelivererTest::isEveryThird);
            Deliverer one = road.deliverer("one", first);
            road.send(0, 300);
            Road.await(() -> first.started.size() == 300);
            ScriptedDispatch second = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            Deliverer two = road.deliverer("two", second);
            // What the first gave back comes to the second, and only that.
            Road.await(() -> second.started.size() == 50);
            first.open().forEach(first::finish);
            one.close();
            two.close();
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 300));
        }
    }

    /** The first mail of each partition hangs past its dot when half of the partitions leave for the second node. */
    @Test
    void aSlowDotInALeavingPartitionHoldsUpOnlyWhatLeaves() throws Exception {
        try (Road road = new Road(broker.bootstrapServers(), "slow.")) {
            ScriptedDispatch first = ScriptedDispatch.pastTheDot(delivery -> delivery.offset() == 0);
            Deliverer one = road.deliverer("one", first, Duration.ofMinutes(5));
            road.send(0, 4);
            Road.await(() -> first.open().size() == 4);
            ScriptedDispatch second = ScriptedDispatch.answering(delivery -> ScriptedDispatch.DELIVERED);
            Deliverer two = road.deliverer("two", second);
            Road.await(() -> first.revoked.size() == 2);
            road.send(4, 404);
            Road.await(() -> first.started.size() == 4 + 200);
            Road.await(() -> road.committed("delivered").size() == 200);
            assertThat(second.started).as("what leaves waits").isEmpty();
            assertThat(first.open()).hasSize(4);

            first.open().forEach(first::finish);
            Road.await(() -> second.started.size() == 200);
            one.close();
            two.close();
            assertThat(first.started).doesNotContainAnyElementsOf(second.started);
            assertThat(road.queueIds("delivered")).containsExactlyInAnyOrderElementsOf(ids(0, 404));
        }
    }

    @Test
    void theWholeRoleCarriesContentFromKafkaToAnExchangerAndEachRecipientToItsFate() throws Exception {
        Script script = Script.accepting()
                .rcpt("later@b.test", "451 4.7.1 Later")
                .rcpt("nobody@b.test", "550 5.1.1 Nobody here");
        try (Road road = new Road(broker.bootstrapServers(), "whole.");
                ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            byte[] first = ("Subject: large\r\n\r\n" + "line\r\n".repeat(10_000)).getBytes(UTF_8);
            byte[] second = ".dots\r\n".repeat(10_000).getBytes(UTF_8);
            Envelope envelope = Samples.referring(
                    road.write(new ContentId(new byte[16]), first, second),
                    Samples.recipient("ok@b.test"),
                    Samples.recipient("later@b.test"),
                    Samples.recipient("nobody@b.test"));
            road.send(Samples.delivery(envelope, exchanger.port()));
            Deliverer deliverer = road.deliverer();
            Road.await(() -> road.read(road.topics.failed().name()).size() == 1);
            deliverer.close();
            assertThat(exchanger.mails()).singleElement().satisfies(mail -> {
                assertThat(mail.recipientAddresses()).containsExactly("ok@b.test");
                assertThat(mail.contentText())
                        .isEqualTo("Received: by node.test\r\n" + new String(first, UTF_8) + new String(second, UTF_8));
            });
            assertThat(road.events("delivered")).hasSize(1);
            assertThat(road.events("deferred")).hasSize(1);
            assertThat(road.events("failed")).hasSize(1);
            assertThat(road.read(road.topics.retry(Duration.ofSeconds(1)).name()))
                    .hasSize(1);
        }
    }

    private static boolean isEveryThird(org.postroad.deliverer.delivery.OpenDelivery delivery) {
        return Long.parseLong(ScriptedDispatch.queueId(delivery).substring(4)) % 3 == 0;
    }

    private static void fence(Road road) {
        try (KafkaProducer<byte[], byte[]> other = new KafkaProducer<>(
                road.kafka.transactionalProducer("other", road.topics.transactionalId("deliverer-one")))) {
            other.initTransactions();
        }
    }

    private static Schema newerDelivery() {
        Schema released = Delivery.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        released.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(new Schema.Field("later", Schema.create(Schema.Type.STRING), null, "x"));
        return Schema.createRecord("Delivery", null, released.getNamespace(), false, fields);
    }

    private static byte[] encoded(Schema newer) throws Exception {
        Delivery delivery = Samples.delivery(Samples.envelope(Samples.queueId(77), Samples.recipient("later@b.test")));
        GenericData.Record record = new GenericData.Record(newer);
        for (Schema.Field field : delivery.getSchema().getFields()) {
            record.put(field.name(), delivery.get(field.pos()));
        }
        record.put("later", "y");
        var octets = new BinaryMessageEncoder<GenericData.Record>(
                        org.apache.avro.specific.SpecificData.getForClass(Delivery.class), newer)
                .encode(record);
        byte[] copy = new byte[octets.remaining()];
        octets.get(copy);
        return copy;
    }

    private static List<Long> marks(Road road) throws Exception {
        try (Admin admin = Admin.create(road.kafka.admin("test"))) {
            return admin
                    .listConsumerGroupOffsets(road.topics.delivererGroup())
                    .partitionsToOffsetAndMetadata()
                    .get(10, TimeUnit.SECONDS)
                    .entrySet()
                    .stream()
                    .filter(entry ->
                            entry.getKey().topic().equals(road.topics.outbound().name()))
                    .map(entry -> entry.getValue().offset())
                    .toList();
        }
    }

    private static List<String> ids(long from, long to) {
        return LongStream.range(from, to).mapToObj(Samples::queueId).toList();
    }
}
