package org.postroad.router;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.postroad.schemas.KnownSchemas;

/** Kafka's clients as Streams makes them itself, but for what it reads mail with: see {@link SchemaWaits}. */
final class StreamClients implements KafkaClientSupplier {
    private final KnownSchemas schemas;
    private final Runnable learn;

    /** @param learn reads the control topic for schemas; it blocks */
    StreamClients(KnownSchemas schemas, Runnable learn) {
        this.schemas = schemas;
        this.learn = learn;
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return new MailConsumer(config, schemas, new SchemaLessons(learn));
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return plain(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return plain(config);
    }

    private static Consumer<byte[], byte[]> plain(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** The consumer of a stream thread, some of whose partitions may wait for a schema. */
    private static final class MailConsumer extends KafkaConsumer<byte[], byte[]> {
        private final SchemaWaits waits;

        MailConsumer(Map<String, Object> config, KnownSchemas schemas, SchemaLessons lessons) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            waits = new SchemaWaits(new Reading(), schemas, lessons);
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            waits.goOnWhereLearned(System.nanoTime());
            return waits.withoutUnlearned(super.poll(timeout), System.nanoTime());
        }

        @Override
        public void pause(Collection<TopicPartition> partitions) {
            waits.pausedByStreams(partitions);
            super.pause(partitions);
        }

        @Override
        public void resume(Collection<TopicPartition> partitions) {
            super.resume(waits.resumedByStreams(partitions));
        }

        @Override
        public void seek(TopicPartition partition, OffsetAndMetadata offset) {
            waits.soughtByStreams(partition);
            super.seek(partition, offset);
        }

        /** This consumer as it is without the waiting. */
        private final class Reading implements SchemaWaits.Reading {
            @Override
            public Set<TopicPartition> assigned() {
                return assignment();
            }

            @Override
            public void pause(Collection<TopicPartition> partitions) {
                MailConsumer.super.pause(partitions);
            }

            @Override
            public void resume(Collection<TopicPartition> partitions) {
                MailConsumer.super.resume(partitions);
            }

            @Override
            public void seek(TopicPartition partition, long offset) {
                MailConsumer.super.seek(partition, offset);
            }
        }
    }
}
