package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.hook.LoopHooks;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Quotas;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ManualClock;
import org.postroad.testkit.Transcript;

/** One session against a Kafka that answers when told to, with time standing still. */
final class ServedSession implements Transcript.Exchange {
    static final int MAX_SIZE = 2_000_000;
    static final int INLINE_UP_TO = 1_000;
    static final long BUDGET = 1_500_000;
    static final KnownSchemas SCHEMAS = new KnownSchemas();
    static final Topics TOPICS =
            new Topics("", Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));
    private final Intake.Road road =
            new Intake.Road("inbound", 3, "content", new StickyPartition(3, 1), () -> this.diskFull);

    final MockProducer<byte[], byte[]> kafka;
    final CollectorRegistry registry = new CollectorRegistry();
    final EmbeddedChannel channel;
    final OctetBudget budget;
    final SessionCounts counts;
    final IngressConfig.Listener listener;
    final List<String> logged = new ArrayList<>();
    boolean diskFull;
    final ProtocolLog protocolLog = new ProtocolLog(logged::add);
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, SCHEMAS);

    /** A client that may relay, and a Kafka that answers at once. */
    static ServedSession ordinary() {
        return new ServedSession(true, true, 10);
    }

    static ServedSession strangers() {
        return new ServedSession(true, false, 10);
    }

    /** Kafka answers when the test says so. */
    static ServedSession slowKafka() {
        return new ServedSession(false, true, 10);
    }

    static ServedSession crowded() {
        return new ServedSession(true, true, 0);
    }

    /** The same on another listener. */
    static ServedSession on(IngressConfig.Listener listener) {
        return on(listener, TestCertificates.none(), null);
    }

    /** A client that may relay, on a listener that does something with its mail. */
    static ServedSession handling(Handling handling) {
        List<Network> ours = List.of(Network.parse("192.0.2.0/24"));
        return on(new IngressConfig.Listener(
                "relay", new InetSocketAddress(0), Tls.NONE, Auth.NONE, false, ours, Set.of(), List.of(), handling));
    }

    static ServedSession with(Tls tls, Certificates certificates) {
        List<Network> ours = List.of(Network.parse("192.0.2.0/24"));
        return on(listener(tls, Auth.NONE, false, ours), certificates, null);
    }

    /** A stranger on a listener where clients may or must log in. */
    static ServedSession loggingIn(Auth auth, boolean authInClear, Credentials credentials) {
        return on(listener(Tls.NONE, auth, authInClear, List.of()), TestCertificates.none(), credentials);
    }

    /** The same of a listener of its own. */
    static ServedSession loggingIn(IngressConfig.Listener listener, Credentials credentials) {
        return on(listener, TestCertificates.none(), credentials);
    }

    /** A client that may relay, within limits of the listener. */
    static ServedSession within(ListenerLimits limits) {
        return on(listener(true).within(limits));
    }

    private static IngressConfig.Listener listener(Tls tls, Auth auth, boolean authInClear, List<Network> relayFrom) {
        return new IngressConfig.Listener(
                "relay",
                new InetSocketAddress(0),
                tls,
                auth,
                authInClear,
                relayFrom,
                Set.of(),
                List.of(),
                Handling.RELAY);
    }

    static ServedSession on(
            IngressConfig.Listener listener, Certificates certificates, @Nullable Credentials credentials) {
        return new ServedSession(
                new MockProducer<>(cluster(), true, null, new ByteArraySerializer(), new ByteArraySerializer()),
                listener,
                10,
                certificates,
                credentials,
                List.of());
    }

    /** Kafka's own client throws an error at every record. */
    static ServedSession throwing(Error error) {
        return new ServedSession(
                new MockProducer<>(cluster(), true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized Future<RecordMetadata> send(
                            ProducerRecord<byte[], byte[]> record, Callback callback) {
                        throw error;
                    }
                },
                true,
                10);
    }

    private ServedSession(boolean answersAtOnce, boolean mayRelay, int sessions) {
        this(
                new MockProducer<>(
                        cluster(), answersAtOnce, null, new ByteArraySerializer(), new ByteArraySerializer()),
                mayRelay,
                sessions);
    }

    /** A client that may relay, within limits. */
    static ServedSession limited(Quota... quotas) {
        return new ServedSession(
                new MockProducer<>(cluster(), true, null, new ByteArraySerializer(), new ByteArraySerializer()),
                listener(true),
                10,
                TestCertificates.none(),
                null,
                List.of(quotas));
    }

    private ServedSession(MockProducer<byte[], byte[]> producer, boolean mayRelay, int sessions) {
        this(producer, listener(mayRelay), sessions, TestCertificates.none(), null, List.of());
    }

    private ServedSession(
            MockProducer<byte[], byte[]> producer,
            IngressConfig.Listener listener,
            int sessions,
            Certificates certificates,
            @Nullable Credentials credentials,
            List<Quota> quotas) {
        kafka = producer;
        this.listener = listener;
        counts = new SessionCounts(sessions);
        IngressConfig config = new IngressConfig(
                "mx.example",
                new org.postroad.schemas.Mailbox("postmaster", "mx.example"),
                List.of(),
                MAX_SIZE,
                INLINE_UP_TO,
                Duration.ofDays(5),
                List.of(),
                null,
                List.of(
                        new IngressConfig.UserTerms(List.of("al*"), "shop", "bulk", List.of()),
                        new IngressConfig.UserTerms(
                                List.of("bob"),
                                null,
                                null,
                                List.of(SenderPattern.parse("x.example"), SenderPattern.parse("bob@y.example")))),
                quotas,
                List.of(),
                sessions);
        IngressMetrics metrics = new IngressMetrics(registry);
        OctetBudget octets = new OctetBudget(BUDGET, metrics.octetsInFlight());
        budget = octets;
        channel = new Connected(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel ch) {
                ((EmbeddedChannel) ch).freezeTime();
                DurableLog log =
                        new DurableLog(kafka, ch.eventLoop(), ch.eventLoop().ticker(), new KafkaOutage("messages"));
                Sessions<SessionHandler> open = new Sessions<>(counts, metrics.sessions());
                octets.onPressure(new Shedding(open, octets, ch.eventLoop())::relieve);
                Intake intake = new Intake(
                        config,
                        road,
                        codec,
                        log,
                        octets,
                        Quotas.of(quotas, user -> null, TOPICS, SCHEMAS, registry)
                                .on(ch.eventLoop(), new ClaimsTopic(log, "quotas")),
                        LoopHooks.none(ch.eventLoop(), octets),
                        new ManualClock(Instant.parse("2026-03-01T10:20:30Z")),
                        new SplittableRandom(7));
                new SessionLoop(config, ch.eventLoop(), intake, open, certificates, credentials, protocolLog)
                        .serve(ch, listener, metrics.listener(listener.name()));
            }
        });
    }

    ServedSession play(String transcript) throws IOException {
        Transcript.of(transcript).play(this);
        return this;
    }

    @Override
    public List<String> exchange(byte[] flight, int lineCount) {
        return send(flight);
    }

    /** Sends octets as one segment and gives the lines that came back. */
    List<String> send(byte[] octets) {
        if (octets.length > 0 && channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(octets));
        }
        return heard();
    }

    List<String> send(String octets) {
        return send(octets.getBytes(StandardCharsets.UTF_8));
    }

    /** Lines that came without being asked for. */
    List<String> heard() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.UTF_8));
            out.release();
        }
        return text.isEmpty() ? List.of() : List.of(text.toString().split("\r\n"));
    }

    List<String> wait(Duration time) {
        channel.advanceTimeBy(time.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        return heard();
    }

    @Override
    public boolean closed() {
        return !channel.isOpen();
    }

    List<Envelope> envelopes() {
        List<Envelope> envelopes = new ArrayList<>();
        kafka.history().stream()
                .filter(sent -> sent.topic().equals(road.inbound()))
                .forEach(sent -> envelopes.add(decode(sent.value())));
        return envelopes;
    }

    List<byte[]> chunks() {
        return kafka.history().stream()
                .filter(sent -> sent.topic().equals(road.content()))
                .map(sent -> ContentChunks.octets(sent.value(), ContentChunks.packedFrom(sent.headers())))
                .toList();
    }

    /** The content of each message that was kept within its envelope. */
    List<String> contents() {
        return envelopes().stream()
                .map(envelope -> text(((InlineContent) envelope.getContent()).getOctets()))
                .toList();
    }

    double gauge(String name) {
        return registry.getSampleValue(name);
    }

    double gauge(String name, String listener, String outcome) {
        return registry.getSampleValue(name, new String[] {"listener", "outcome"}, new String[] {listener, outcome});
    }

    static String text(ByteBuffer octets) {
        return StandardCharsets.ISO_8859_1.decode(octets.duplicate()).toString();
    }

    private Envelope decode(byte[] octets) {
        try {
            return codec.decode(octets);
        } catch (Exception e) {
            throw new AssertionError("an envelope nobody can read", e);
        }
    }

    private static IngressConfig.Listener listener(boolean relays) {
        List<Network> relayFrom = relays ? List.of(Network.parse("192.0.2.0/24")) : List.of();
        return IngressConfig.Listener.relay("relay", new InetSocketAddress(0), relayFrom);
    }

    /** From 192.0.2.7. */
    private static final class Connected extends EmbeddedChannel {
        Connected(ChannelInitializer<Channel> initializer) {
            super(initializer);
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress("192.0.2.7", 4711);
        }
    }

    static Cluster cluster() {
        Node node = new Node(0, "127.0.0.1", 9092);
        List<PartitionInfo> partitions = List.of("inbound", "content", "quotas").stream()
                .flatMap(topic -> IntStream.range(0, 3)
                        .mapToObj(p -> new PartitionInfo(topic, p, node, new Node[] {node}, new Node[] {node})))
                .toList();
        return new Cluster("test", List.of(node), partitions, Set.of(), Set.of());
    }
}
