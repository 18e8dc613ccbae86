package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

/** One connection of HTTP with a Kafka that answers when told to, while time stands still or goes on as the test says. */
class HttpTimeTest {
    private static final String HEAD =
            "POST /v1/messages?from=a@x.example&to=b@y.example HTTP/1.1\r\nHost: h\r\nContent-Type: message/rfc822\r\n";
    private static final String WHOLE = HEAD + "Content-Length: 12\r\n\r\nA: b\r\n\r\nhi\r\n";
    private static final long BUDGET = 100_000;
    private static final long MEMORY = 1_000_000;
    private static final String JSON =
            "POST /v1/messages HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ";
    private static final Listener LISTENER =
            Listener.relay("api", new InetSocketAddress(0), List.of(Network.parse("192.0.2.0/24")));

    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(cluster(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final CollectorRegistry registry = new CollectorRegistry();
    private final IngressMetrics metrics = new IngressMetrics(registry);
    private Disks disks = Disks.FREE;
    private final OctetBudget budget = new OctetBudget(BUDGET, metrics.octetsInFlight());
    private final JsonMemory memory = new JsonMemory(MEMORY, metrics.jsonOctets());
    private final Composing composing = new Composing(memory, ImmediateEventExecutor.INSTANCE);
    private final List<HttpLoop> loops = new ArrayList<>();
    private final EmbeddedChannel channel = new Connected(new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel ch) {
            ((EmbeddedChannel) ch).freezeTime();
            loops.add(loop(ch));
            loops.get(0).serve(ch, LISTENER, metrics.listener("api"));
        }
    });

    private enum Disks {
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
                10);
    }

    @AfterEach
    void nothingIsHeld() {
        channel.finishAndReleaseAll();
        composing.close();
        assertThat(budget.held()).isZero();
        assertThat(memory.held()).isZero();
    }

    private String say(String octets) {
        channel.writeInbound(Unpooled.copiedBuffer(octets, UTF_8));
        return heard();
    }

    private String heard() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(UTF_8));
            out.release();
        }
        return text.toString();
    }

    private String wait(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
        return heard();
    }

    @Test
    void theAnswerComesWhenKafkaHasTheMailAndNotBefore() {
        assertThat(say(WHOLE)).isEmpty();
        assertThat(wait(5)).isEmpty();
        assertThat(kafka.history()).hasSize(1);
        assertThat(kafka.completeNext()).isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 202 Accepted\r\n");
        assertThat(say(WHOLE)).isEmpty();
        assertThat(kafka.completeNext()).isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 202 Accepted\r\n");
    }

    @Test
    void whatKafkaDoesNotKeepIsForLater() {
        say(WHOLE);
        assertThat(kafka.errorNext(new org.apache.kafka.common.errors.TimeoutException("gone")))
                .isTrue();
        assertThat(heard()).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        assertThat(say(WHOLE)).as("an unwell Kafka is not asked again at once").startsWith("HTTP/1.1 503 ");
    }

    @Test
    void aKafkaThatNeverAnswersHangsNobody() {
        say(WHOLE);
        assertThat(wait(31)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
    }

    @Test
    void aKeyThatNobodyAnswersForIsForLater() {
        assertThat(say(WHOLE.replace("Content-Length", "Idempotency-Key: k\r\nContent-Length")))
                .isEmpty();
        assertThat(kafka.history()).singleElement().satisfies(claim -> assertThat(claim.topic())
                .isEqualTo("requests"));
        assertThat(kafka.completeNext()).isTrue();
        assertThat(wait(9)).as("it is in the log, and was not read back").isEmpty();
        assertThat(wait(2)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        assertThat(kafka.history()).as("no mail without a name").hasSize(1);
        assertThat(budget.held()).isZero();
    }

    @Test
    void aClientThatGoesWhileItsKeyIsAskedForLeavesNothingBehind() {
        say(WHOLE.replace("Content-Length", "Idempotency-Key: k\r\nContent-Length"));
        channel.close();
        assertThat(kafka.errorNext(new org.apache.kafka.common.errors.TimeoutException("gone")))
                .isTrue();
        assertThat(heard()).isEmpty();
        assertThat(budget.held()).isZero();
    }

    @Test
    void whatComesBehindIsTakenWhenTheFirstIsAnswered() {
        assertThat(say(WHOLE + WHOLE)).isEmpty();
        assertThat(kafka.history()).hasSize(1);
        assertThat(channel.config().isAutoRead()).isFalse();
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ");
        assertThat(kafka.history()).hasSize(2);
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aHeadThatDripsEndsWithoutAWord() {
        for (int i = 0; i < 50; i++) {
            say("P");
            assertThat(wait(1)).isEmpty();
        }
        assertThat(wait(20)).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aBodyThatDripsIsTooSlow() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        for (int i = 0; i < 50; i++) {
            assertThat(say("b")).isEmpty();
            wait(1);
        }
        assertThat(wait(20)).startsWith("HTTP/1.1 408 ").contains("connection: close\r\n");
        assertThat(wait(3)).isEmpty();
        assertThat(channel.isOpen()).isFalse();
        assertThat(kafka.history()).isEmpty();
    }

    @Test
    void whereMemoryIsShortABodyIsForLater() {
        budget.take(3 * BUDGET);
        assertThat(say(WHOLE)).startsWith("HTTP/1.1 503 ").contains("retry-after: 5\r\n");
        budget.give(3 * BUDGET);
    }

    /** Half a request in JSON may be larger than all memory for content; it has memory of its own. */
    @Test
    void jsonTakesNoMemoryOfOtherMail() {
        assertThat(say(JSON + "400000\r\n\r\n" + " ".repeat(250_000))).isEmpty();
        assertThat(budget.held()).isZero();
        assertThat(memory.held()).isBetween(750_000L, MEMORY);
    }

    @Test
    void whereMemoryForJsonIsShortItIsForLater() {
        assertThat(memory.take(MEMORY - 50_000)).isTrue();
        assertThat(say(JSON + "400000\r\n\r\n" + " ".repeat(50_000)))
                .startsWith("HTTP/1.1 503 ")
                .contains("retry-after: 5\r\n");
        memory.give(MEMORY - 50_000);
    }

    @Test
    void slowJsonGivesItsMemoryToOthers() {
        say(JSON + "400000\r\n\r\n  ");
        assertThat(memory.take(MEMORY - 50_000)).isTrue();
        assertThat(wait(12)).startsWith("HTTP/1.1 503 ");
        memory.give(MEMORY - 50_000);
    }

    /** A request of so many mails with this text. */
    private static String mails(int count, String text) {
        String to = IntStream.range(0, count)
                .mapToObj(i -> "\"r" + i + "@y.example\"")
                .collect(Collectors.joining(","));
        String body = "{\"from\":\"a@x.example\",\"to\":[" + to + "],\"text\":\"" + text
                + "\",\"substitutions\":{\"r0@y.example\":{}}}";
        return JSON + body.length() + "\r\n\r\n" + body;
    }

    private void keepAll() {
        for (boolean kept = true; kept; ) {
            kept = kafka.completeNext();
            channel.runPendingTasks();
        }
    }

    @Test
    void allMailsOfARequestAreComposedAndKept() {
        assertThat(say(mails(40, "x".repeat(10_000)))).isEmpty();
        keepAll();
        String answer = heard();
        assertThat(answer).startsWith("HTTP/1.1 202 ");
        assertThat(HttpNode.queueIds(answer)).hasSize(40);
        assertThat(memory.held()).isZero();
    }

    @Test
    void whatIsComposedHasToFitBesideTheRequests() {
        assertThat(memory.take(600_000)).isTrue();
        assertThat(say(mails(2, "x".repeat(100_000))))
                .startsWith("HTTP/1.1 503 ")
                .contains("retry-after: 5\r\n");
        assertThat(memory.held()).isEqualTo(600_000);
        memory.give(600_000);
        assertThat(kafka.history()).isEmpty();
    }

    @Test
    void whatCouldNeverBeComposedIsNotForLater() {
        assertThat(say(mails(1, "x".repeat(200_000)))).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void whatNobodyForesawLeavesNothingOfARequestBehind() {
        say(mails(40, "x"));
        disks = Disks.BROKEN;
        keepAll();
        assertThat(heard()).startsWith("HTTP/1.1 503 ");
        assertThat(kafka.history()).as("no mail is begun after it").hasSize(32);
    }

    @Test
    void jsonThatDripsIsTooSlow() {
        say(JSON + "400000\r\n\r\n  ");
        for (int i = 0; i < 50; i++) {
            assertThat(say(" ".repeat(600))).isEmpty();
            wait(1);
        }
        assertThat(wait(20)).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void slowBodiesGiveTheirMemoryToOthers() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        budget.take(3 * BUDGET - 10_000);
        assertThat(wait(12)).startsWith("HTTP/1.1 503 ");
        budget.give(3 * BUDGET - 10_000);
    }

    @Test
    void aLastAnswerThatNobodyReadsIsNotWaitedForForEver() {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message); // the client's window is full
            }
        });
        say("PUT / HTTP/2.0\r\n\r\n");
        wait(58);
        assertThat(channel.isOpen()).isTrue();
        wait(10);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aNodeThatClosesAnswersForWhatItHolds() {
        say(WHOLE);
        loops.get(0).close();
        assertThat(channel.isOpen()).isTrue();
        kafka.completeNext();
        assertThat(heard()).startsWith("HTTP/1.1 202 ").contains("connection: close\r\n");
        wait(3);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aNodeThatClosesBeginsNoMoreMailsOfARequest() {
        say(mails(40, "x"));
        loops.get(0).close();
        keepAll();
        String answer = heard();
        assertThat(answer).startsWith("HTTP/1.1 503 ").contains("connection: close\r\n", "\"queueId\":null");
        assertThat(HttpNode.queueIds(answer)).hasSize(32);
        assertThat(kafka.history()).hasSize(32);
    }

    @Test
    void aNodeThatClosesTakesNoMore() {
        say(HEAD + "Content-Length: 1000\r\n\r\nA: ");
        loops.get(0).close();
        assertThat(heard()).startsWith("HTTP/1.1 503 ").contains("connection: close\r\n");
    }

    @Test
    void aClientThatGoesWhileKafkaIsAskedLeavesNothingBehind() {
        say(WHOLE);
        channel.close();
        kafka.completeNext();
        assertThat(heard()).isEmpty();
        assertThat(registry.getSampleValue("postroad_ingress_sessions")).isZero();
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
