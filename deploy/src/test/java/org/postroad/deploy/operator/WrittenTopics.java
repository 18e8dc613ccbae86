package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** Topics under a prefix of their own, written by hand. */
public final class WrittenTopics implements AutoCloseable {
    public final KnownSchemas schemas = new KnownSchemas();
    public final Topics topics;
    public final KafkaSettings kafka;
    public final Cluster cluster;
    public final Producer<byte[], byte[]> producer;

    public WrittenTopics(EmbeddedBroker broker, String prefix) {
        topics = new Topics(prefix, Topics.Size.STANDALONE, List.of(Duration.ofSeconds(1)), Duration.ofDays(1));
        kafka = new KafkaSettings(broker.bootstrapServers(), prefix, Map.of("compression.type", "lz4"), false);
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
        }
        cluster = new Cluster(kafka, topics);
        producer = new KafkaProducer<>(kafka.producer("test"));
    }

    Ledger ledger() {
        return new Ledger(cluster, schemas, read -> {});
    }

    <T extends SpecificRecordBase> void put(String topic, T value) throws Exception {
        put(topic, 0, "key".getBytes(UTF_8), value).get();
    }

    /** A null value is a grave. */
    <T extends SpecificRecordBase> Future<RecordMetadata> put(
            String topic, int partition, byte[] key, @Nullable T value) {
        return producer.send(new ProducerRecord<>(topic, partition, key, value == null ? null : encoded(value)));
    }

    @SuppressWarnings("unchecked")
    private <T extends SpecificRecordBase> byte[] encoded(T value) {
        return new Codec<>((Class<T>) value.getClass(), schemas).encode(value);
    }

    void event(Event.Kind kind, String queueId, String... addresses) throws Exception {
        long at = kind == Event.Kind.ACCEPTED ? 1 : 2;
        byte[] json = Event.of(kind, at, Mails.envelope(queueId, addresses), Mails.recipients(addresses))
                .toJson();
        producer.send(new ProducerRecord<>(topics.events().name(), queueId.getBytes(UTF_8), json))
                .get();
    }

    /** Deletes everything of a topic, as time does. */
    void delete(String topic) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        cluster.committedSpans(topic).forEach((partition, span) -> ends.put(partition, span.to()));
        cluster.deleteBefore(ends);
    }

    void commit(String group, String topic, long offset) throws Exception {
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.alterConsumerGroupOffsets(group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        }
    }

    /** Lets everybody do this with a topic, and nothing else but describe it. */
    void allow(String topic, AclOperation operation) throws Exception {
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                            new AccessControlEntry("User:*", "*", operation, AclPermissionType.ALLOW))))
                    .all()
                    .get();
        }
    }

    @Override
    public void close() {
        producer.close();
        cluster.close();
    }
}
