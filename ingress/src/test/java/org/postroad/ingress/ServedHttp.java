package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.prometheus.client.CollectorRegistry;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.hook.LoopHooks;
import org.postroad.ingress.idempotency.LoopRequests;
import org.postroad.ingress.idempotency.Requests;
import org.postroad.ingress.quota.Quotas;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Mailbox;
import org.postroad.testkit.ManualClock;

/** One connection of HTTP with a Kafka that answers when told to, while time stands still or goes on as a test says. */
abstract class ServedHttp {
    static final long BUDGET = 100_000;
    static final long MEMORY = 1_000_000;
    private static final Listener LISTENER =
            Listener.relay("api", new InetSocketAddress(0), List.of(Network.parse("192.0.2.0/24")));

    final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(cluster(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    final CollectorRegistry registry = new CollectorRegistry();
    final IngressMetrics metrics = new IngressMetrics(registry);
    Disks disks = Disks.FREE;
    final OctetBudget budget = new OctetBudget(BUDGET, metrics.octetsInFlight());
    final JsonMemory memory = new JsonMemory(MEMORY, metrics.jsonOctets());
    final Composing composing = new Composing(memory, ImmediateEventExecutor.INSTANCE);
    final List<HttpLoop> loops = new ArrayList<>();
    final EmbeddedChannel channel = new Connected(new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel ch) {
            ((EmbeddedChannel) ch).freezeTime();
            loops.add(loop(ch));
            loops.get(0).serve(ch, LISTENER, metrics.listener("api"));
        }
    });

    enum Disks {
        FREE,
        BROKEN
    }

    private static boolean isFull(Disks disks) {
        if (disks == Disks.BROKEN) {
            throw new IllegalStateException("nobody foresaw this");
        }
        return false;
    }

    private HttpLoop loop(Channel ch) {
        IngressConfig config = new IngressConfig(
                "mx.example",
                new Mailbox("postmaster", "mx.example"),
                List.of(),
                2_000_000,
                1_000,
                Duration.ofDays(5),
                List.of(),
                null);
        DurableLog log = new DurableLog(kafka, ch.eventLoop(), ch.eventLoop().ticker(), new KafkaOutage("messages"));
        Intake intake = new Intake(
                config,
                new Intake.Road("inbound", 3, "content", new StickyPartition(3, 1), () -> isFull(disks)),
                new Codec<>(Envelope.class, new KnownSchemas()),
                log,
                budget,
                Quotas.of(List.of(), user -> null, HttpNode.TOPICS, HttpNode.SCHEMAS, registry)
                        .on(ch.eventLoop(), new ClaimsTopic(log, "quotas")),
                LoopHooks.none(ch.eventLoop(), budget),
                new ManualClock(Instant.parse("2026-03-01T10:20:30Z")),
                new SplittableRandom(7));
        LoopRequests requests = new Requests(HttpNode.TOPICS, HttpNode.SCHEMAS, registry)
                .on(ch.eventLoop(), new ClaimsTopic(log, "requests"));
        return new HttpLoop(
                config,
                metrics,
                TestCertificates.none(),
                intake,
                new Logins(null, ch.eventLoop()),
                composing,
                requests,
                new Sessions<>(new SessionCounts(10), metrics.sessions()));
    }

    @AfterEach
    void nothingIsHeld() {
        channel.finishAndReleaseAll();
        composing.close();
        assertThat(budget.held()).isZero();
        assertThat(memory.held()).isZero();
    }

    String say(String octets) {
        channel.writeInbound(Unpooled.copiedBuffer(octets, UTF_8));
        return heard();
    }

    String heard() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(UTF_8));
            out.release();
        }
        return text.toString();
    }

    String wait(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
        return heard();
    }

    void keepAll() {
        for (boolean kept = true; kept; ) {
            kept = kafka.completeNext();
            channel.runPendingTasks();
        }
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

    private static Cluster cluster() {
        Node node = new Node(0, "127.0.0.1", 9092);
        List<PartitionInfo> partitions = List.of("inbound", "content", "requests").stream()
                .flatMap(topic -> IntStream.range(0, 3)
                        .mapToObj(p -> new PartitionInfo(topic, p, node, new Node[] {node}, new Node[] {node})))
                .toList();
        return new Cluster("test", List.of(node), partitions, Set.of(), Set.of());
    }
}
