package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.ingress.quota.Amount;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** One quota over several nodes that share a real Kafka: exactly so many messages are kept, whatever becomes of the nodes. */
@Tag("broker")
@Tag("long")
class QuotaNodesTest {
    private static final Topics TOPICS =
            new Topics("postroad.", Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));
    private static final byte[] CONTENT = "Subject: counted\r\n\r\n".getBytes(US_ASCII);

    /** What counts is the host that all clients of the test are on. */
    private static final String KEY = "client mails/h 7f000001";

    private static final String OVER = "450 4.7.1 This client may send %d messages an hour, and more after ";

    private final KnownSchemas schemas = new KnownSchemas();
    private final AtomicReferenceArray<Ingress> nodes = new AtomicReferenceArray<>(3);
    private final AtomicInteger accepted = new AtomicInteger();

    @Test
    void threeNodesAndTwoRestartsLetExactlySoManyThrough(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            KafkaSettings kafka = prepared(broker);
            for (int i = 0; i < nodes.length(); i++) {
                nodes.set(i, start(kafka, 400));
            }
            CountDownLatch third = new CountDownLatch(133);
            CountDownLatch twoThirds = new CountDownLatch(266);
            Runnable counting = () -> {
                third.countDown();
                twoThirds.countDown();
            };
            List<Thread> clients = IntStream.range(0, 9)
                    .mapToObj(i -> new Thread(() -> sendUntilRefused(i % 3, counting)))
                    .toList();
            clients.forEach(Thread::start);
            restart(0, third, kafka);
            restart(1, twoThirds, kafka);
            for (Thread client : clients) {
                client.join(120_000);
            }
            assertThat(accepted).hasValue(400);
            assertThat(kept(kafka)).isEqualTo(400);
            for (int i = 0; i < nodes.length(); i++) {
                nodes.get(i).close();
            }
            try (Ingress late = start(kafka, 400)) {
                assertThat(refusal(late)).startsWith(OVER.formatted(400)).matches(".* after 20..-..-..T..:..:..Z");
                assertThat(SmtpClient.firstRefusal(late.addresses().get(0)))
                        .as("known to be exhausted, so at MAIL")
                        .startsWith(OVER.formatted(400));
            }
            assertThat(kept(kafka)).isEqualTo(400);
        }
    }

    /** What a node has claimed when it dies is used, whether it was kept or not: never more than the quota goes through. */
    @Test
    void whatADeadNodeClaimedStaysUsed(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            KafkaSettings kafka = prepared(broker);
            try (Ingress node = start(kafka, 20);
                    SmtpClient client = new SmtpClient(node.addresses().get(0))) {
                client.mail(CONTENT);
                claimAndDie(kafka, 7, 20);
                for (int i = 0; i < 12; i++) {
                    client.mail(CONTENT);
                }
                assertThat(refusal(node)).startsWith(OVER.formatted(20));
                assertThat(kept(kafka)).isEqualTo(13);
            }
        }
    }

    @Test
    void withoutKafkaNothingGoesThroughAndAfterItNoMoreThanTheQuota(@TempDir Path directory) throws Exception {
        EmbeddedBroker first = EmbeddedBroker.start(directory, 0);
        int port = Integer.parseInt(first.bootstrapServers().split(":")[1]);
        KafkaSettings kafka = prepared(first);
        try (Ingress node = start(kafka, 30);
                SmtpClient client = new SmtpClient(node.addresses().get(0));
                SmtpClient waiting = new SmtpClient(node.addresses().get(0))) {
            int taken = 0;
            for (; taken < 5; taken++) {
                client.mail(CONTENT);
            }
            first.close();
            waiting.send(CONTENT);
            assertThat(SmtpClient.firstRefusal(node.addresses().get(0))).startsWith("451 4.3.0");
            try (EmbeddedBroker second = EmbeddedBroker.start(directory, port)) {
                assertThat(second.fault()).isEmpty();
                taken += waiting.reply().startsWith("250") ? 1 : 0;
                String refusal = "";
                while (!refusal.startsWith("450")) {
                    refusal = refusal(node);
                    taken += refusal.isEmpty() ? 1 : 0;
                    assertThat(taken).isLessThanOrEqualTo(30);
                }
                // Of one message nobody knows whether it was kept; it stays used.
                assertThat(taken).isBetween(29, 30);
                assertThat(kept(kafka)).isBetween((long) taken, 30L);
            }
        }
    }

    private KafkaSettings prepared(EmbeddedBroker broker) throws Exception {
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        try (TopicAdmin admin = new TopicAdmin(kafka, TOPICS)) {
            admin.create();
        }
        return kafka;
    }

    private Ingress start(KafkaSettings kafka, int mailsAnHour) throws Exception {
        InetSocketAddress anywhere = new InetSocketAddress("127.0.0.1", 0);
        Network home = Network.parse("127.0.0.0/8");
        List<Amount> mails = List.of(Amount.parse(mailsAnHour + "/h"), Amount.parse("1000/d"));
        IngressConfig config = new IngressConfig(
                "mx.example",
                new Mailbox("postmaster", "mx.example"),
                List.of(IngressConfig.Listener.relay("relay", anywhere, List.of(home))),
                60_000_000,
                16_384,
                Duration.ofDays(5),
                List.of(),
                null,
                List.of(),
                List.of(new Quota(Subject.CLIENT, List.of(), List.of(home), mails, List.of())),
                List.of(),
                100);
        return Ingress.start(config, kafka, TOPICS, schemas, new CollectorRegistry());
    }

    private void restart(int node, CountDownLatch when, KafkaSettings kafka) throws Exception {
        assertThat(when.await(120, TimeUnit.SECONDS)).isTrue();
        nodes.get(node).close();
        nodes.set(node, start(kafka, 400));
    }

    /** On one node, and on another while that is away. */
    private void sendUntilRefused(int first, Runnable counting) {
        int node = first;
        while (true) {
            try (SmtpClient client =
                    new SmtpClient(nodes.get(node % 3).addresses().get(0))) {
                while (true) {
                    client.mail(CONTENT);
                    accepted.incrementAndGet();
                    counting.run();
                }
            } catch (IOException e) {
                if (String.valueOf(e.getMessage()).contains(OVER.formatted(400))) {
                    return;
                }
                node++; // it closes
            }
        }
    }

    /** Of one message; empty if it was taken. */
    private static String refusal(Ingress node) throws IOException {
        try (SmtpClient client = new SmtpClient(node.addresses().get(0))) {
            client.mail(CONTENT);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).replace("refused: ", "");
        }
    }

    private void claimAndDie(KafkaSettings kafka, long claims, long most) throws Exception {
        QuotaUse use = new QuotaUse(KEY, 3_600, most, 1L);
        List<QuotaClaim> all = LongStream.range(0, claims)
                .mapToObj(i -> new QuotaClaim(i, List.of(use)))
                .toList();
        byte[] entry =
                new Codec<>(QuotaEntry.class, schemas).encode(new QuotaEntry("dead", all, List.of(), null, null));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(kafka.producer("dead"))) {
            producer.send(new ProducerRecord<>(TOPICS.quotas().name(), 0, null, entry))
                    .get();
        }
    }

    private static long kept(KafkaSettings kafka) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("test"))) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int p = 0; p < TOPICS.inbound().partitions(); p++) {
                partitions.add(new TopicPartition(TOPICS.inbound().name(), p));
            }
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(end -> end)
                    .sum();
        }
    }
}
