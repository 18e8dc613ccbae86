package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.prometheus.client.CollectorRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** A real producer with parts that throw, records that Kafka does not take, and a producer that is closed under its sessions. */
@Tag("broker")
class IngressFaultTest {
    private static final KnownSchemas SCHEMAS = new KnownSchemas();
    private static final Topics TOPICS =
            new Topics("postroad.", Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));
    private static final String NOT_KEPT = "451 4.3.0";

    private static EmbeddedBroker broker;

    private final CollectorRegistry metrics = new CollectorRegistry();
    private final Map<String, String> properties = new HashMap<>();

    /** Which nobody foresaw, at the envelope: chunks go where their message's first went. */
    public static final class BrokenPartitioner implements Partitioner {
        @Override
        public int partition(
                String topic, Object key, byte[] keyOctets, Object value, byte[] valueOctets, Cluster cluster) {
            throw new LinkageError("a bug");
        }

        @Override
        public void configure(Map<String, ?> settings) {}

        @Override
        public void close() {}
    }

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
        try (TopicAdmin admin = new TopicAdmin(KafkaSettings.local(broker.bootstrapServers()), TOPICS)) {
            admin.create();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 3_000_000})
    void anErrorThatThePartitionerThrowsIsA451(int size) throws Exception {
        properties.put("partitioner.class", BrokenPartitioner.class.getName());
        try (Ingress node = start();
                SmtpClient client = new SmtpClient(node.addresses().get(0))) {
            client.send(noise(size));
            assertThat(client.reply()).startsWith(NOT_KEPT);
            client.say("NOOP\r\n");
            assertThat(client.reply()).isEqualTo("250 2.0.0 OK");
            assertThat(metrics.getSampleValue("postroad_ingress_octets_in_flight"))
                    .isZero();
        }
    }

    @Test
    void whatKafkaFindsTooLargeIsA451() throws Exception {
        try (Ingress node = start();
                SmtpClient client = new SmtpClient(node.addresses().get(0))) {
            maxMessageBytes(TOPICS.content().name(), "1000");
            client.send(noise(100_000));
            assertThat(client.reply()).startsWith(NOT_KEPT);
            maxMessageBytes(TOPICS.content().name(), "1048576");
            assertThat(client.mailUntilTaken(noise(100_000), node::isReady)).isNotEmpty();
            maxMessageBytes(TOPICS.inbound().name(), "200");
            client.send(noise(100));
            assertThat(client.reply()).startsWith(NOT_KEPT);
            maxMessageBytes(TOPICS.inbound().name(), "1048576");
            assertThat(client.mailUntilTaken(noise(100_000), node::isReady)).isNotEmpty();
        }
    }

    @Test
    void aProducerThatIsClosedSaysSoOfEveryRecord() throws Exception {
        DefaultEventLoop loop = new DefaultEventLoop();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaSettings.local(broker.bootstrapServers()).producer("test"));
        producer.partitionsFor(TOPICS.inbound().name());
        DurableLog log = new DurableLog(producer, loop, loop.ticker(), new KafkaOutage("messages"));
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Runnable append = () -> log.append(
                new ProducerRecord<>(TOPICS.inbound().name(), new byte[1_000]),
                kept -> heard.add(kept == null ? "not kept" : "kept"),
                fault -> heard.add("fault"));
        for (int i = 0; i < 1_000; i++) {
            loop.execute(append);
        }
        loop.submit(() -> {}).get();
        producer.close(Duration.ZERO); // with most of them on their way
        loop.submit(append).get();
        for (int i = 0; i < 1_001; i++) {
            assertThat(heard.poll(30, TimeUnit.SECONDS)).as("answer %d", i).isIn("kept", "not kept");
        }
        loop.submit(() -> {}).get();
        assertThat(heard).isEmpty();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private Ingress start() throws Exception {
        KafkaSettings kafka = new KafkaSettings(broker.bootstrapServers(), "postroad.", properties, false);
        IngressConfig.Listener listener = IngressConfig.Listener.relay(
                "relay", new InetSocketAddress("127.0.0.1", 0), List.of(Network.parse("127.0.0.0/8")));
        IngressConfig config = new IngressConfig(
                "mx.example",
                new org.postroad.schemas.Mailbox("postmaster", "mx.example"),
                List.of(listener),
                60_000_000,
                16_384,
                Duration.ofDays(5),
                List.of(),
                null);
        return Ingress.start(config, kafka, TOPICS, SCHEMAS, metrics);
    }

    private static void maxMessageBytes(String topic, String octets) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp limit = new AlterConfigOp(new ConfigEntry("max.message.bytes", octets), AlterConfigOp.OpType.SET);
        try (Admin admin =
                Admin.create(KafkaSettings.local(broker.bootstrapServers()).admin("test"))) {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(limit)))
                    .all()
                    .get();
        }
    }

    /** Octets that nothing can pack, in one line. */
    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        for (int i = 0; i < size; i++) {
            boolean special = noise[i] == '\r' || noise[i] == '\n' || noise[i] == '.';
            noise[i] = special ? (byte) 'x' : noise[i];
        }
        noise[size - 2] = '\r';
        noise[size - 1] = '\n';
        return noise;
    }
}
