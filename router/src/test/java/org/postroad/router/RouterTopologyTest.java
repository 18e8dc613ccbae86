package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.client.CollectorRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Reject;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.TakenOnce;
import org.postroad.schemas.Topics;

class RouterTopologyTest {
    private static final MxAnswer ANSWER = new Hosts(List.of(new MxHost("mx.some.example", 10)), 300);
    private static final Duration TICK = WaitingShares.TICK;

    private final KnownSchemas schemas = new KnownSchemas();
    private final Topics topics = new Topics("test.", Topics.Size.STANDALONE, List.of(), Duration.ofDays(5));
    private final HeldLookups lookups = new HeldLookups();
    private final CollectorRegistry registry = new CollectorRegistry();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> inbound;
    private TestInputTopic<byte[], byte[]> again;
    private TestInputTopic<byte[], byte[]> failed;
    private TestOutputTopic<byte[], byte[]> outbound;
    private TestOutputTopic<byte[], byte[]> events;
    private TestOutputTopic<byte[], byte[]> rejects;
    private TestOutputTopic<byte[], byte[]> toAgain;

    @BeforeEach
    void start(@TempDir Path state) {
        RouterConfig config = Mails.config(state, List.of(Mails.route("routed.example", "relay.test")), List.of());
        Properties settings = new Properties();
        settings.putAll(StreamSettings.of(config, KafkaSettings.local("unused:1"), topics, "member"));
        RouterTopology topology = new RouterTopology(topics, schemas, new RouterMetrics(registry), () -> {});
        Random random = new Random(1);
        driver = new TopologyTestDriver(
                topology.of(
                        new RoutePlan(config),
                        lookups,
                        () -> new Bounces(config, new QueueIds(Clock.systemUTC(), random))),
                settings);
        inbound = input(topics.inbound().name());
        again = input(topics.again().name());
        failed = input(topics.failed().name());
        outbound = output(topics.outbound().name());
        events = output(topics.events().name());
        rejects = output(topics.rejects().name());
        toAgain = output(topics.again().name());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void forwardsConfiguredMailAtOnceAndAsksNobody() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@routed.example")));
        TestRecord<byte[], byte[]> record = outbound.readRecord();
        Delivery delivery = decode(Delivery.class, record.value());
        assertThat(new String(record.key(), UTF_8)).isEqualTo("routed.example");
        assertThat(delivery.getRoute().getKind()).isEqualTo(RouteKind.CONFIGURED);
        assertThat(delivery.getEnvelope()).isEqualTo(Mails.to("a@routed.example"));
        assertThat(lookups.asked()).isEmpty();
    }

    @Test
    void mailThatMayComeAgainIsTakenOnce() throws Exception {
        Envelope mail = Mails.to("a@routed.example", "b@some.example");
        byte[] key = mail.getQueueId().getBytes(UTF_8);
        Headers once = new RecordHeaders(TakenOnce.headers());
        inbound.pipeInput(new TestRecord<>(key, encode(mail), once));
        inbound.pipeInput(new TestRecord<>(key, encode(mail), once));
        assertThat(deliveries()).hasSize(1);
        assertThat(events.getQueueSize()).isEqualTo(1);
        assertThat(parked()).isEqualTo(1);
        lookups.answer("some.example", ANSWER);
        driver.advanceWallClockTime(TICK);
        assertThat(deliveries()).hasSize(1);
        inbound.pipeInput(new TestRecord<>(key, encode(mail), once));
        assertThat(outbound.isEmpty()).isTrue();
        again.pipeInput(new TestRecord<>(key, encode(mail), once));
        assertThat(deliveries()).as("what is due again was taken before").isNotEmpty();
    }

    @Test
    void whatSaysThatItMayComeAgainAndIsNoIdIsMailAllTheSame() throws Exception {
        Envelope mail = Mails.to("a@routed.example");
        for (byte[] key : new byte[][] {null, new byte[0], new byte[27]}) {
            inbound.pipeInput(new TestRecord<>(key, encode(mail), new RecordHeaders(TakenOnce.headers())));
        }
        assertThat(deliveries()).hasSize(3);
    }

    @Test
    void parksUntilTheLookupIsAnswered() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@some.example")));
        driver.advanceWallClockTime(TICK);
        assertThat(outbound.isEmpty()).isTrue();
        assertThat(parked()).isEqualTo(1);

        lookups.answer("some.example", ANSWER);
        driver.advanceWallClockTime(TICK);
        assertThat(decode(Delivery.class, outbound.readValue()).getRoute().getKind())
                .isEqualTo(RouteKind.MX);
        assertThat(parked()).isZero();
    }

    @Test
    void asksOnceHoweverManyWait() {
        for (int i = 0; i < 50; i++) {
            inbound.pipeInput(encode(Mails.to("a@some.example", "b@Some.Example")));
            again.pipeInput(encode(Mails.to("c@some.example")));
        }
        assertThat(lookups.asked()).containsExactly("some.example");
        lookups.answer("some.example", ANSWER);
        driver.advanceWallClockTime(TICK);
        assertThat(outbound.readRecordsToList()).hasSize(100);
    }

    @Test
    void aSlowDomainDelaysNoOther() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@slow.example", "b@routed.example", "c@quick.example")));
        lookups.answer("quick.example", ANSWER);
        driver.advanceWallClockTime(TICK);
        assertThat(deliveries()).extracting(Delivery::getDomain).containsExactly("routed.example", "quick.example");
        assertThat(parked()).isEqualTo(1);
    }

    @Test
    void remembersAnAnswerForItsLifetime() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@some.example")));
        lookups.answer("some.example", new NoSuchName(40));
        driver.advanceWallClockTime(TICK);
        inbound.pipeInput(encode(Mails.to("b@some.example")));
        assertThat(deliveries()).hasSize(2).allSatisfy(delivery -> assertThat(
                        delivery.getRoute().getKind())
                .isEqualTo(RouteKind.NO_SUCH_DOMAIN));
        driver.advanceWallClockTime(Duration.ofSeconds(41));
        inbound.pipeInput(encode(Mails.to("c@some.example")));
        assertThat(lookups.asked()).containsExactly("some.example", "some.example");
    }

    @Test
    void aLookupThatIsLostEndsAtItsTimeLimit() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@some.example")));
        driver.advanceWallClockTime(Duration.ofMillis(RouteBook.LOOKUP_LIMIT_MILLIS + 20));
        assertThat(deliveries().get(0).getRoute().getKind()).isEqualTo(RouteKind.LOOKUP_FAILED);
    }

    @Test
    void anUnforeseenExceptionInALookupIsAFault() throws Exception {
        inbound.pipeInput(encode(Mails.to("a@some.example")));
        lookups.fail("some.example", new IllegalStateException("boom"));
        driver.advanceWallClockTime(TICK);
        Route route = deliveries().get(0).getRoute();
        assertThat(route.getKind()).isEqualTo(RouteKind.FAULT);
        assertThat(route.getWords()).contains("boom");
    }

    @Test
    void manyDomainsAreAskedForAFewAtATime() throws Exception {
        int domains = RouteBook.FRESH_LOOKUPS + 50;
        for (int i = 0; i < domains; i++) {
            inbound.pipeInput(encode(Mails.to("a@d" + i + ".example")));
        }
        assertThat(lookups.openCount()).isEqualTo(RouteBook.FRESH_LOOKUPS);
        for (int tick = 0; tick < 1_000 && parked() > 0; tick++) {
            for (int i = 0; i < domains; i++) {
                lookups.answer("d" + i + ".example", ANSWER);
            }
            driver.advanceWallClockTime(TICK);
        }
        assertThat(deliveries())
                .extracting(Delivery::getDomain)
                .doesNotHaveDuplicates()
                .hasSize(domains);
        assertThat(lookups.asked()).doesNotHaveDuplicates();
    }

    @Test
    void everyAcceptedMessageIsOneEventAndMailComingAgainIsNone() {
        inbound.pipeInput(encode(Mails.to("a@routed.example", "b@some.example", "c@some.example")));
        again.pipeInput(encode(Mails.to("d@routed.example")));
        TestRecord<byte[], byte[]> event = events.readRecord();
        assertThat(new String(event.key(), UTF_8)).isEqualTo(Mails.QUEUE_ID);
        assertThat(new String(event.value(), UTF_8))
                .contains("\"event\":\"accepted\"", "\"at\":\"2023-11-14T22:13:20Z\"")
                .contains("\"recipients\":[\"a@routed.example\",\"b@some.example\",\"c@some.example\"]")
                .contains("\"destinations\":[\"routed.example\",\"some.example\"]")
                .contains("\"client\":\"192.0.2.9\"", "\"helo\":\"client.example\"", "\"size\":25");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void whatCannotBeReadIsRejectedAsItWasAndTheNextRecordIsRouted() {
        byte[] garbage = {1, 2, 3};
        inbound.pipeInput("key".getBytes(UTF_8), garbage);
        inbound.pipeInput(encode(Mails.to("a@routed.example")));
        TestRecord<byte[], byte[]> reject = rejects.readRecord();
        assertThat(reject.value()).isEqualTo(garbage);
        assertThat(header(reject, Reject.TOPIC)).isEqualTo("test.inbound");
        assertThat(header(reject, Reject.OFFSET)).isEqualTo("0");
        assertThat(outbound.getQueueSize()).isEqualTo(1);
    }

    @Test
    void aRejectFitsItsTopicHoweverLongItsKeyWas() {
        inbound.pipeInput(new byte[Caps.BATCH_OCTETS], new byte[Caps.BATCH_OCTETS]);
        TestRecord<byte[], byte[]> reject = rejects.readRecord();
        int octets = reject.key().length + reject.value().length;
        for (org.apache.kafka.common.header.Header header : reject.headers()) {
            octets += header.key().length() + header.value().length;
        }
        assertThat(octets).isLessThan(Caps.BATCH_OCTETS - 1_024).isGreaterThan(Caps.RECORD_OCTETS);
    }

    @Test
    void whatWouldOutgrowItsTopicIsRejectedAndNotTriedForEver() {
        Envelope mail = Mails.to("a@routed.example", "b@some.example");
        mail.put("content", new InlineContent(ByteBuffer.allocate(Caps.RECORD_OCTETS)));
        inbound.pipeInput(encode(mail));
        assertThat(rejects.readValue()).hasSize(Caps.RECORD_OCTETS);
        assertThat(outbound.isEmpty()).isTrue();
        assertThat(parked()).isZero();
        assertThat(new String(events.readValue(), UTF_8))
                .contains("\"event\":\"accepted\"", "\"recipients\":[\"a@routed.example\",\"b@some.example\"]");
        assertThat(new String(events.readValue(), UTF_8))
                .contains("\"event\":\"rejected\"", "\"recipients\":[\"a@routed.example\",\"b@some.example\"]")
                .contains("\"queueId\":\"" + Mails.QUEUE_ID + "\"", "\"source\":\"test.inbound-0-0\"");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void mailThatWasOnTheRoadBeforeIsRejectedAndNotAcceptedAgain() {
        Envelope mail = Mails.to("a@routed.example");
        mail.put("content", new InlineContent(ByteBuffer.allocate(Caps.RECORD_OCTETS)));
        again.pipeInput(encode(mail));
        assertThat(new String(events.readValue(), UTF_8)).contains("\"event\":\"rejected\"");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void theEventsOfARejectFitTheirTopicWhoeverWroteIt() throws Exception {
        String octets = "\u0001".repeat(2_000);
        List<Recipient> recipients = new ArrayList<>();
        for (int i = 0; i < 450; i++) {
            recipients.add(Mails.recipient(octets));
        }
        inbound.pipeInput(encode(Mails.of(octets, octets, recipients, null)));
        assertThat(rejects.getQueueSize()).isEqualTo(1);
        int accepted = 0;
        int rejected = 0;
        while (!events.isEmpty()) {
            byte[] event = events.readValue();
            assertThat(event.length).isLessThan(Caps.RECORD_OCTETS);
            int count = new ObjectMapper().readTree(event).get("recipients").size();
            boolean isAccepted = new String(event, UTF_8).contains("\"event\":\"accepted\"");
            accepted += isAccepted ? count : 0;
            rejected += isAccepted ? 0 : count;
        }
        assertThat(accepted).isEqualTo(450);
        assertThat(rejected).isEqualTo(450);
    }

    @Test
    void aFailureComesBackToItsSender() throws Exception {
        failed.pipeInput(encode(Mails.failure(failedFor("s@origin.example"), FailureReason.BOUNCED, "Subject: x\r\n")));
        TestRecord<byte[], byte[]> record = toAgain.readRecord();
        Envelope bounce = decode(Envelope.class, record.value());
        assertThat(new String(record.key(), UTF_8)).isEqualTo(bounce.getQueueId());
        assertThat(bounce.getReversePath()).isEmpty();
        assertThat(bounce.getParent()).isEqualTo(new Parent(Mails.QUEUE_ID, Cause.BOUNCE));
        assertThat(bounce.getRecipients()).extracting(Recipient::getAddress).containsExactly("s@origin.example");
        assertThat(bounce.getRecipients().get(0).getNotify()).containsExactly(Notify.NEVER);
        assertThat(new String(events.readValue(), UTF_8))
                .contains("\"event\":\"generated\"", "\"parent\":\"" + Mails.QUEUE_ID + "\"");
    }

    @Test
    void anErrorAboutAnErrorIsNeverSent() {
        failed.pipeInput(encode(Mails.failure(failedFor(""), FailureReason.BOUNCED, "")));
        assertThat(toAgain.isEmpty()).isTrue();
        assertThat(events.isEmpty()).isTrue();
    }

    private static Envelope failedFor(String reversePath) {
        LastReply reply = new LastReply(550, "5.1.1", "no such user", "mx.example[192.0.2.5]:25", Mails.ACCEPTED_AT);
        return Mails.from(reversePath, List.of(Mails.answered("r@gone.example", reply)));
    }

    private double parked() {
        return registry.getSampleValue("postroad_router_parked");
    }

    private List<Delivery> deliveries() throws Exception {
        List<Delivery> deliveries = new ArrayList<>();
        for (byte[] value : outbound.readValuesToList()) {
            deliveries.add(decode(Delivery.class, value));
        }
        return deliveries;
    }

    private byte[] encode(Envelope envelope) {
        return new Codec<>(Envelope.class, schemas).encode(envelope);
    }

    private byte[] encode(Failure failure) {
        return new Codec<>(Failure.class, schemas).encode(failure);
    }

    private <T extends SpecificRecordBase> T decode(Class<T> type, byte[] value) throws Exception {
        return new Codec<>(type, schemas).decode(value);
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
