package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;

@Tag("broker")
class AbandonedTransactionsTest {
    private static final TopicPartition ROAD = new TopicPartition("postroad.road", 0);
    private static final List<String> ROUTERS = List.of("postroad.router-");

    @Test
    void whatADeadNodeLeftOpenHoldsUpNobody(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
            try (Admin admin = Admin.create(kafka.admin("test"))) {
                admin.createTopics(List.of(new NewTopic(ROAD.topic(), 1, (short) 1)))
                        .all()
                        .get();
            }
            try (KafkaProducer<byte[], byte[]> dead = opened(kafka, "postroad.router-dead");
                    KafkaProducer<byte[], byte[]> foreign = opened(kafka, "postroad.deliverer-of-another-role");
                    KafkaProducer<byte[], byte[]> plain = new KafkaProducer<>(kafka.producer("plain"))) {
                plain.send(record("behind it")).get();
                assertThat(visibleEnd(kafka)).isZero();

                try (AbandonedTransactions young =
                                new AbandonedTransactions(kafka, "young", ROUTERS, Duration.ofHours(1));
                        AbandonedTransactions abandoned =
                                new AbandonedTransactions(kafka, "test-fence", ROUTERS, Duration.ofMillis(1))) {
                    young.end();
                    abandoned.end();
                    // The dead one's record stood first, the foreign one's second.
                    while (visibleEnd(kafka) == 0) {
                        Thread.onSpinWait();
                    }
                }
                assertThat(visibleEnd(kafka)).isEqualTo(1);
                assertThatThrownBy(dead::commitTransaction).isInstanceOf(KafkaException.class);
                foreign.commitTransaction();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> opened(KafkaSettings kafka, String id) throws Exception {
        Map<String, Object> settings = kafka.transactionalProducer(id, id);
        settings.put("transaction.timeout.ms", 60_000);
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings);
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(record(id)).get();
        return producer;
    }

    private static ProducerRecord<byte[], byte[]> record(String text) {
        return new ProducerRecord<>(ROAD.topic(), text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Where a reader of committed records has to stop. */
    private static long visibleEnd(KafkaSettings kafka) {
        try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(kafka.consumer("reader"))) {
            return reader.endOffsets(List.of(ROAD)).getOrDefault(ROAD, 0L);
        }
    }
}
