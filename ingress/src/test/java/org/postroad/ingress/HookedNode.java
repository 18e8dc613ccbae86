package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.IngressConfig.Trace;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.hook.HookAddress;
import org.postroad.ingress.hook.Hooks;
import org.postroad.ingress.quota.Quotas;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.testkit.ManualClock;

/** A listener with hooks on real sockets, and a Kafka that keeps everything at once. */
final class HookedNode implements AutoCloseable {
    static final int MAX_SIZE = 60_000_000;
    static final long BUDGET = 8_000_000;

    final CollectorRegistry registry = new CollectorRegistry();
    private final MockProducer<byte[], byte[]> kafka = new MockProducer<>(
            ServedSession.cluster(), true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, ServedSession.SCHEMAS);
    private final EventLoops loops = EventLoops.start();
    private final EventLoop loop = loops.all().get(0);
    private final IngressMetrics metrics = new IngressMetrics(registry);
    private final OctetBudget budget = new OctetBudget(BUDGET, metrics.octetsInFlight());
    private final Channel listening;

    static HookedNode relay(Hook... hooks) {
        return new HookedNode(Role.RELAY, hooks);
    }

    static HookedNode submission(Hook... hooks) {
        return new HookedNode(Role.SUBMISSION, hooks);
    }

    static Hook http(String name, int port, Duration timeout, Hook.OnFailure onFailure) {
        return new Hook(name, HookAddress.ofHttp("http://127.0.0.1:" + port + "/mail"), null, timeout, onFailure);
    }

    static Hook milter(String name, int port, Duration timeout, Hook.OnFailure onFailure) {
        return new Hook(name, null, HookAddress.ofMilter("127.0.0.1:" + port), timeout, onFailure);
    }

    private HookedNode(Role role, Hook... hooks) {
        IngressConfig config = new IngressConfig(
                "mx.example",
                new org.postroad.schemas.Mailbox("postmaster", "mx.example"),
                List.of(),
                MAX_SIZE,
                16 * 1024,
                Duration.ofDays(5),
                List.of(),
                null);
        IngressConfig.Listener listener = new IngressConfig.Listener(
                "front",
                new InetSocketAddress("127.0.0.1", 0),
                Tls.NONE,
                Auth.NONE,
                false,
                List.of(Network.parse("127.0.0.0/8")),
                Set.of(),
                List.of(),
                new Handling(role, Trace.FULL, BareNewlines.REFUSE, List.of(hooks)));
        DurableLog log = new DurableLog(kafka, loop, loop.ticker(), new KafkaOutage("messages"));
        Sessions<SessionHandler> sessions = new Sessions<>(new SessionCounts(1_000), metrics.sessions());
        Intake intake = new Intake(
                config,
                new Intake.Road("inbound", 3, "content", new StickyPartition(3, 1), () -> false),
                codec,
                log,
                budget,
                Quotas.of(List.of(), user -> null, ServedSession.TOPICS, ServedSession.SCHEMAS, registry)
                        .on(loop, new ClaimsTopic(log, "quotas")),
                new Hooks(Map.of("front", List.of(hooks)), registry).on(loop, budget),
                new ManualClock(Instant.parse("2026-03-01T10:20:30Z")),
                new SplittableRandom(7));
        SessionLoop sessionLoop =
                new SessionLoop(config, loop, intake, sessions, TestCertificates.none(), null, new ProtocolLog());
        ListenerMetrics listenerMetrics = metrics.listener("front");
        listening = new ServerBootstrap()
                .group(loop)
                .channel(loops.serverChannel())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        sessionLoop.serve(channel, listener, listenerMetrics);
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .syncUninterruptibly()
                .channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** What a client hears after one message. */
    String answerTo(String content) throws Exception {
        try (SmtpClient client = new SmtpClient(address())) {
            client.send(content.getBytes(ISO_8859_1));
            return client.reply();
        }
    }

    List<Envelope> envelopes() {
        return kafka.history().stream()
                .filter(sent -> sent.topic().equals("inbound"))
                .map(sent -> {
                    try {
                        return codec.decode(sent.value());
                    } catch (Exception e) {
                        throw new AssertionError("an envelope nobody can read", e);
                    }
                })
                .toList();
    }

    /** What a receiver would get of the only message, behind our Received line. */
    String kept() {
        String all = ServedSession.text(envelopes().get(0).getPrepend()) + content();
        return all.substring(all.indexOf("\r\n", all.indexOf("; ")) + 2);
    }

    private String content() {
        if (envelopes().get(0).getContent() instanceof InlineContent content) {
            return ServedSession.text(content.getOctets());
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        kafka.history().stream()
                .filter(sent -> sent.topic().equals("content"))
                .forEach(sent -> octets.writeBytes(
                        ContentChunks.octets(sent.value(), ContentChunks.packedFrom(sent.headers()))));
        return octets.toString(ISO_8859_1);
    }

    boolean hasKeptContent() {
        return kafka.history().stream().anyMatch(sent -> sent.topic().equals("content"));
    }

    /** How many answers of a hook had a result. */
    double answers(String hook, String result) {
        Double count = registry.getSampleValue(
                "postroad_ingress_hook_seconds_count",
                new String[] {"listener", "hook", "result"},
                new String[] {"front", hook, result});
        return count == null ? 0 : count;
    }

    double octetsReceived() {
        return registry.getSampleValue(
                "postroad_ingress_octets_total", new String[] {"listener"}, new String[] {"front"});
    }

    double octetsHeld() {
        return registry.getSampleValue("postroad_ingress_octets_in_flight");
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("never: " + what);
            }
            Thread.onSpinWait();
        }
    }

    static String lines(int octets) {
        char[] line = new char[78];
        Arrays.fill(line, 'x');
        String one = new String(line) + "\r\n";
        return one.repeat(octets / one.length() + 1).substring(0, octets / one.length() * one.length());
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        loops.close();
    }
}
