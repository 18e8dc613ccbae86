package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** The whole node over a real Kafka: what was answered 250 is there, also when Kafka dies in between. */
@Tag("broker")
class IngressTest {
    private static final int LARGE = 50_000_000;
    private static final KnownSchemas SCHEMAS = new KnownSchemas();
    private static final Topics TOPICS =
            new Topics("postroad.", Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));

    private static EmbeddedBroker broker;
    private static KafkaSettings kafka;
    private static CollectorRegistry metrics;
    private static Ingress ingress;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
        kafka = KafkaSettings.local(broker.bootstrapServers());
        try (TopicAdmin admin = new TopicAdmin(kafka, TOPICS)) {
            admin.create();
        }
        metrics = new CollectorRegistry();
        ingress = Ingress.start(config(new InetSocketAddress("127.0.0.1", 0)), kafka, TOPICS, SCHEMAS, metrics);
    }

    @AfterAll
    static void stop() {
        ingress.close();
        broker.close();
    }

    @Test
    void whatWasAnswered250IsInKafka() throws Exception {
        assertThat(ingress.isReady()).isTrue();
        assertThat(ingress.isLive()).isTrue();
        byte[] small = "Subject: small\r\n\r\nhi\r\n".getBytes(ISO_8859_1);
        byte[] large = lines(LARGE);
        try (SmtpClient client = new SmtpClient(ingress.addresses().get(0))) {
            String smallId = client.mail(small);
            String largeId = client.mail(large);
            Map<String, Envelope> kept = envelopes(kafka);
            assertThat(((InlineContent) of(kept, smallId).getContent()).getOctets())
                    .isEqualTo(ByteBuffer.wrap(small));
            assertThat(content((ContentRef) of(kept, largeId).getContent())).isEqualTo(large);
        }
        assertThat(metrics.getSampleValue("postroad_ingress_octets_in_flight")).isZero();
        assertThat(metrics.getSampleValue(
                        "postroad_ingress_messages_total",
                        new String[] {"listener", "code"},
                        new String[] {"relay", "250"}))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void aPortInUseIsNamed() {
        InetSocketAddress taken = ingress.addresses().get(0);
        assertThatThrownBy(() -> Ingress.start(config(taken), kafka, TOPICS, SCHEMAS, new CollectorRegistry()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("127.0.0.1:" + taken.getPort());
    }

    @Test
    void answersAClientThatHasEndedItsSide() throws Exception {
        try (SmtpClient client = new SmtpClient(ingress.addresses().get(0))) {
            client.say("MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nall at once\r\n.\r\n");
            client.endOutput();
            assertThat(List.of(client.reply(), client.reply(), client.reply(), client.reply()))
                    .last()
                    .asString()
                    .startsWith("250 2.0.0 queued as");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void stopsReadingFromAClientThatReadsNothingAndLosesNoCommandOfIt() throws Exception {
        try (SmtpClient client = new SmtpClient(ingress.addresses().get(0))) {
            int commands = client.floodUntilBlocked("NOOP\r\n");
            assertThat(commands).isLessThan(10_000_000);
            for (int i = 0; i < commands; i++) {
                assertThat(client.reply()).isEqualTo("250 2.0.0 OK");
            }
        }
    }

    @Test
    void recoversFromAKafkaThatWasGoneAndLosesNothingItAnswered250(@TempDir Path other) throws Exception {
        EmbeddedBroker first = EmbeddedBroker.start(other, 0);
        int port = Integer.parseInt(first.bootstrapServers().split(":")[1]);
        KafkaSettings settings = KafkaSettings.local(first.bootstrapServers());
        try (TopicAdmin admin = new TopicAdmin(settings, TOPICS)) {
            admin.create();
        }
        IngressConfig config = config(new InetSocketAddress("127.0.0.1", 0));
        List<String> answered250 = new ArrayList<>();
        try (Ingress node = Ingress.start(config, settings, TOPICS, SCHEMAS, new CollectorRegistry());
                SmtpClient waiting = new SmtpClient(node.addresses().get(0));
                SmtpClient refused = new SmtpClient(node.addresses().get(0))) {
            answered250.add(waiting.mail("before\r\n".getBytes(ISO_8859_1)));
            first.close();
            waiting.send("while away\r\n".getBytes(ISO_8859_1));
            assertThat(SmtpClient.firstRefusal(node.addresses().get(0))).startsWith("451 4.3.0");
            assertThat(node.isReady()).isFalse();
            assertThat(node.isLive()).isTrue();
            try (EmbeddedBroker second = EmbeddedBroker.start(other, port)) {
                assertThat(second.fault()).isEmpty();
                // Either answer is honest; which one comes depends on what the broker said while it went.
                String answer = waiting.reply();
                assertThat(answer).matches("250 2.0.0 queued as .*|451 4.3.0 .*");
                if (answer.startsWith("250")) {
                    answered250.add(answer.substring(answer.lastIndexOf(' ') + 1));
                }
                answered250.add(refused.mailUntilTaken("after\r\n".getBytes(ISO_8859_1), node::isReady));
                assertThat(node.isReady()).isTrue();
                assertThat(envelopes(settings)).containsKeys(answered250.toArray(new String[0]));
            }
        }
    }

    private static Envelope of(Map<String, Envelope> kept, String queueId) {
        return Objects.requireNonNull(kept.get(queueId), "answered 250 and not in Kafka: " + queueId);
    }

    private static IngressConfig config(InetSocketAddress address) {
        IngressConfig.Listener listener =
                IngressConfig.Listener.relay("relay", address, List.of(Network.parse("127.0.0.0/8")));
        return new IngressConfig(
                "mx.example",
                new org.postroad.schemas.Mailbox("postmaster", "mx.example"),
                List.of(listener),
                60_000_000,
                16_384,
                Duration.ofDays(5),
                List.of(),
                null);
    }

    private static Map<String, Envelope> envelopes(KafkaSettings kafka) throws Exception {
        Codec<Envelope> codec = new Codec<>(Envelope.class, SCHEMAS);
        Map<String, Envelope> envelopes = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("test"))) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int p = 0; p < TOPICS.inbound().partitions(); p++) {
                partitions.add(new TopicPartition(TOPICS.inbound().name(), p));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(100))) {
                    Envelope envelope = codec.decode(found.value());
                    assertThat(new String(found.key(), ISO_8859_1)).isEqualTo(envelope.getQueueId());
                    envelopes.put(envelope.getQueueId(), envelope);
                }
            }
        }
        return envelopes;
    }

    private static byte[] content(ContentRef ref) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        TopicPartition partition = new TopicPartition(TOPICS.content().name(), ref.getPartition());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("test"))) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, ref.getOffsets().get(0));
            while (content.size() < ref.getSize()) {
                for (ConsumerRecord<byte[], byte[]> chunk : consumer.poll(Duration.ofMillis(100))) {
                    if (ref.getOffsets().contains(chunk.offset())) {
                        content.writeBytes(chunk.value());
                    }
                }
            }
        }
        return content.toByteArray();
    }

    private static byte[] lines(int size) {
        byte[] octets = new byte[size];
        new Random(1).nextBytes(octets);
        for (int i = 0; i < size; i++) {
            boolean lineEnd = octets[i] == '\r' || octets[i] == '\n';
            octets[i] = lineEnd || (i % 90 == 0 && octets[i] > 0) ? (byte) '.' : octets[i];
        }
        for (int i = 88; i + 1 < size; i += 90) {
            octets[i] = '\r';
            octets[i + 1] = '\n';
        }
        octets[size - 2] = '\r';
        octets[size - 1] = '\n';
        return octets;
    }
}
