package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.prometheus.client.CollectorRegistry;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.IngressConfig.Trace;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.quota.Amount;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** An ingress that takes mail by HTTP: openly on loopback, by password in clear, by password and TLS, and for nobody here. */
final class HttpNode implements AutoCloseable {
    static final String PASSWORD = "s\u00e4cret";
    static final int MAX_SIZE = 60_000_000;
    static final KnownSchemas SCHEMAS = new KnownSchemas();
    static final Topics TOPICS =
            new Topics("postroad.", Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));

    /** As of every listener of HTTP. */
    static final Handling HANDLING = new Handling(Role.SUBMISSION, Trace.FULL, BareNewlines.NORMALIZE);

    private static final Pattern QUEUE_ID = Pattern.compile("\"queueId\":\"([0-9A-Z]{26})\"");

    final CollectorRegistry metrics = new CollectorRegistry();
    private final KafkaSettings kafka;
    private final Ingress ingress;

    HttpNode(KafkaSettings kafka, Path directory) throws Exception {
        this(kafka, directory, List.of());
    }

    /** @param hooks of the open listener */
    HttpNode(KafkaSettings kafka, Path directory, List<Hook> hooks) throws Exception {
        this.kafka = kafka;
        Path users = directory.resolve("users");
        if (!Files.exists(users)) {
            String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, PASSWORD.toCharArray());
            Files.writeString(
                    users,
                    Stream.of("alice", "bob", "by-hour", "by-minute", "by-day")
                            .map(user -> user + ":" + hash + "\n")
                            .collect(Collectors.joining()));
            TestCertificates.write(directory, "server", "EC", "mx.example");
        }
        CertificateFiles certificate =
                new CertificateFiles(directory.resolve("server.crt"), directory.resolve("server.key"));
        IngressConfig config = new IngressConfig(
                "mx.example",
                new Mailbox("postmaster", "mx.example"),
                List.of(),
                MAX_SIZE,
                16_384,
                Duration.ofDays(5),
                List.of(certificate),
                users,
                List.of(
                        new IngressConfig.UserTerms(List.of("ali*"), "shop", "bulk", List.of()),
                        new IngressConfig.UserTerms(
                                List.of("bob"),
                                null,
                                null,
                                List.of(SenderPattern.parse("x.example"), SenderPattern.parse("bob@y.example")))),
                List.of(
                        limit("by-hour", "3/h", "100/h"),
                        limit("by-minute", "1000/m", "2/m"),
                        limit("by-day", "9/d", "2/d")),
                List.of(
                        listener("open", Tls.NONE, Auth.NONE, "127.0.0.0/8", hooks),
                        listener("clear", Tls.NONE, Auth.REQUIRED, "127.0.0.0/8"),
                        listener("tls", Tls.IMPLICIT, Auth.REQUIRED, "127.0.0.0/8"),
                        listener("nobody", Tls.NONE, Auth.NONE, "10.0.0.0/8")),
                100);
        ingress = Ingress.start(config, kafka, TOPICS, SCHEMAS, metrics);
    }

    private static Quota limit(String user, String mails, String recipients) {
        return new Quota(
                Subject.USER,
                List.of(user),
                List.of(),
                List.of(Amount.parse(mails)),
                List.of(Amount.parse(recipients)));
    }

    private static Listener listener(String name, Tls tls, Auth auth, String relayFrom) {
        return listener(name, tls, auth, relayFrom, List.of());
    }

    private static Listener listener(String name, Tls tls, Auth auth, String relayFrom, List<Hook> hooks) {
        Handling handling = new Handling(HANDLING.role(), HANDLING.trace(), HANDLING.bareNewlines(), hooks);
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", 0);
        return new Listener(
                name, address, tls, auth, true, List.of(Network.parse(relayFrom)), Set.of(), List.of(), handling);
    }

    static void createTopics(KafkaSettings kafka) throws Exception {
        try (TopicAdmin admin = new TopicAdmin(kafka, TOPICS)) {
            admin.create();
        }
    }

    Ingress ingress() {
        return ingress;
    }

    InetSocketAddress open() {
        return ingress.httpAddresses().get(0);
    }

    InetSocketAddress clear() {
        return ingress.httpAddresses().get(1);
    }

    InetSocketAddress tls() {
        return ingress.httpAddresses().get(2);
    }

    InetSocketAddress nobody() {
        return ingress.httpAddresses().get(3);
    }

    double octetsInFlight() {
        return metrics.getSampleValue("postroad_ingress_octets_in_flight");
    }

    double jsonOctets() {
        return metrics.getSampleValue("postroad_ingress_json_octets");
    }

    static List<String> queueIds(String answer) {
        Matcher matcher = QUEUE_ID.matcher(answer);
        List<String> ids = new ArrayList<>();
        while (matcher.find()) {
            ids.add(matcher.group(1));
        }
        return ids;
    }

    /** What Kafka has, by queue id; one that is there twice is an error. */
    Map<String, Envelope> envelopes() throws Exception {
        List<Envelope> all = allEnvelopes();
        return all.stream().collect(Collectors.toMap(Envelope::getQueueId, envelope -> envelope));
    }

    Envelope envelope(String queueId) throws Exception {
        return Objects.requireNonNull(envelopes().get(queueId), "answered and not in Kafka: " + queueId);
    }

    List<Envelope> allEnvelopes() throws Exception {
        Codec<Envelope> codec = new Codec<>(Envelope.class, SCHEMAS);
        List<Envelope> envelopes = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> found :
                records(TOPICS.inbound().name(), TOPICS.inbound().partitions())) {
            envelopes.add(codec.decode(found.value()));
        }
        return envelopes;
    }

    /** Where mail of this name is. */
    Set<Integer> partitionsOf(String queueId) {
        return records(TOPICS.inbound().name(), TOPICS.inbound().partitions()).stream()
                .filter(record -> new String(record.key(), UTF_8).equals(queueId))
                .map(ConsumerRecord::partition)
                .collect(Collectors.toSet());
    }

    private List<ConsumerRecord<byte[], byte[]>> records(String topic, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("test"))) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int p = 0; p < count; p++) {
                partitions.add(new TopicPartition(topic, p));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** Of small content. */
    static String inline(Envelope envelope) {
        ByteBuffer octets = ((InlineContent) envelope.getContent()).getOctets().duplicate();
        byte[] content = new byte[octets.remaining()];
        octets.get(content);
        return new String(content, UTF_8);
    }

    static String prepended(Envelope envelope) {
        return new String(envelope.getPrepend().array(), ISO_8859_1);
    }

    /** Of large content, which nothing could pack. */
    byte[] stored(ContentRef ref) {
        Map<Long, byte[]> chunks = new HashMap<>();
        records(TOPICS.content().name(), TOPICS.content().partitions()).stream()
                .filter(chunk -> chunk.partition() == ref.getPartition())
                .forEach(chunk -> chunks.put(chunk.offset(), chunk.value()));
        ByteBuffer content = ByteBuffer.allocate((int) ref.getSize());
        ref.getOffsets().forEach(offset -> content.put(chunks.get(offset)));
        return content.array();
    }

    @Override
    public void close() {
        ingress.close();
    }
}
