package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Routes;
import org.postroad.schemas.Topics;
import org.postroad.testkit.NewerNode;

/** What newer nodes write into records that this router reads: nothing of it is rejected, guessed, or written anew without it. */
class KeptRecordsTest {
    private static final NewerNode ENVELOPES = new NewerNode(Envelope.SCHEMA$);
    private static final NewerNode DELIVERIES = new NewerNode(Delivery.SCHEMA$);
    private static final NewerNode FAILURES = new NewerNode(Failure.SCHEMA$);

    private final KnownSchemas schemas = new KnownSchemas();
    private final Topics topics = new Topics("test.", Topics.Size.STANDALONE, List.of(), Duration.ofDays(5));
    private final CollectorRegistry registry = new CollectorRegistry();
    private final RouterMetrics metrics = new RouterMetrics(registry);
    private final HeldLookups lookups = new HeldLookups();
    private final RouterConfig config =
            Mails.config(Path.of("unused"), List.of(Mails.route("routed.example", "relay.test")), List.of());
    private MockProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> store;

    @BeforeEach
    void bind() {
        Stream.of(ENVELOPES, DELIVERIES, FAILURES)
                .forEach(newer -> assertThat(schemas.add(newer.schema())).isTrue());
        context = new MockProcessorContext<>();
        context.setCurrentSystemTimeMs(1_000);
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(RouteProcessor.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
    }

    static Stream<byte[]> envelopesOfNewerNodes() {
        byte[] today = encode(mail());
        return Stream.concat(
                ENVELOPES.enumPlaces().stream().map(place -> ENVELOPES.withSymbol(today, place)),
                Stream.of(ENVELOPES.requiring(today, "requires", "seal")));
    }

    static Stream<byte[]> deliveriesOfNewerNodes() {
        byte[] today = encode(delivery());
        return Stream.concat(
                DELIVERIES.enumPlaces().stream().map(place -> DELIVERIES.withSymbol(today, place)),
                Stream.of(
                        DELIVERIES.requiring(today, "route.requires", "dane"),
                        DELIVERIES.requiring(today, "envelope.requires", "seal")));
    }

    static Stream<byte[]> failuresOfNewerNodes() {
        byte[] today = encode(failure());
        return Stream.concat(
                FAILURES.enumPlaces().stream().map(place -> FAILURES.withSymbol(today, place)),
                Stream.of(
                        FAILURES.requiring(today, "requires", "report"),
                        FAILURES.requiring(today, "envelope.requires", "seal")));
    }

    @ParameterizedTest
    @MethodSource("envelopesOfNewerNodes")
    void acceptedMailWaitsAsItIsAndItsAcceptanceIsTold(byte[] octets) {
        process(router(), topics.inbound().name(), octets);
        assertThat(kept()).containsExactly(octets);
        assertThat(waiting()).isEqualTo(1);
        assertThat(context.forwarded()).hasSize(1);
        assertThat(forwarded(0, Output.Sink.EVENTS))
                .asString(UTF_8)
                .contains("\"event\":\"accepted\"", "\"recipients\":[\"a@routed.example\",\"b@other.example\"]");
        assertThat(context.scheduledPunctuators()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("envelopesOfNewerNodes")
    void mailThatComesAgainWaitsAsItIsToo(byte[] octets) {
        process(router(), topics.again().name(), octets);
        assertThat(kept()).containsExactly(octets);
        assertThat(context.forwarded()).isEmpty();
    }

    @Test
    void whatMayBeIgnoredIsIgnored() throws Exception {
        process(router(), topics.again().name(), ENVELOPES.withFields(encode(Mails.to("a@routed.example"))));
        assertThat(decode(forwarded(0, Output.Sink.OUTBOUND)).getEnvelope()).isEqualTo(Mails.to("a@routed.example"));
        assertThat(kept()).isEmpty();
    }

    /** It knows all of today's records, as a newer router knows all of a newer node's. */
    @Test
    void aRouterThatKnowsAllOfItRoutesWhatWasKept() throws Exception {
        keep(topics.inbound().name(), 7, encode(mail()));
        router();
        assertThat(waiting()).isEqualTo(1);
        tick();
        assertThat(decode(forwarded(0, Output.Sink.OUTBOUND)).getDomain()).isEqualTo("routed.example");
        assertThat(lookups.asked()).containsExactly("other.example");
        lookups.answer("other.example", new NameOnly(60));
        tick();
        assertThat(decode(forwarded(1, Output.Sink.OUTBOUND)).getDomain()).isEqualTo("other.example");
        assertThat(context.forwarded()).hasSize(2);
        assertThat(store.all().hasNext()).isFalse();
        assertThat(waiting()).isZero();
    }

    @Test
    void anOlderRouterLooksThroughWhatWasKeptOnceAndLetsItLie() {
        byte[] newer = ENVELOPES.withSymbol(encode(mail()), "body");
        int many = KeptRecords.RECORDS_PER_TICK * 2 + 1;
        for (int i = 0; i < many; i++) {
            keep(topics.inbound().name(), i, i % 2 == 0 ? newer : encode(Mails.to("a@routed.example")));
        }
        Processor<byte[], byte[], byte[], byte[]> router = router();
        for (int i = 0; i < 4; i++) {
            tick();
        }
        assertThat(context.forwarded()).hasSize(many / 2);
        assertThat(kept()).hasSize(many / 2 + 1).allMatch(octets -> octets == newer);
        assertThat(context.scheduledPunctuators()).hasSize(1).allMatch(CapturedPunctuator::cancelled);
        assertThat(waiting()).isEqualTo(many / 2 + 1);
        router.close();
        assertThat(waiting()).isZero();
    }

    @Test
    void whatWasKeptAndHasASchemaThatIsNotLearnedYetIsLookedAtAgain() {
        byte[] later = NewerEnvelopes.write(Mails.to("a@routed.example"));
        keep(topics.again().name(), 7, later);
        router();
        tick();
        assertThat(kept()).containsExactly(later);
        schemas.add(NewerEnvelopes.ENVELOPE);
        for (long waited = 0; waited <= WaitingShares.LOOK_AGAIN.toMillis(); waited += 10) {
            tick();
        }
        assertThat(context.forwarded()).hasSize(1);
        assertThat(kept()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("deliveriesOfNewerNodes")
    void aDeliveryThatWasPutOffGoesToTheDeliverersOnceMoreAsItIs(byte[] octets) {
        process(router(), topics.again().name(), octets);
        assertThat(forwarded(0, Output.Sink.OUTBOUND)).isEqualTo(octets);
        assertThat((byte[]) context.forwarded().get(0).record().key())
                .asString(UTF_8)
                .isEqualTo("google#3");
        assertThat(context.forwarded()).hasSize(1);
        assertThat(kept()).isEmpty();
    }

    @Test
    void aDeliveryThatWasPutOffIsRoutedAfreshByARouterThatKnowsAllOfIt() throws Exception {
        process(router(), topics.again().name(), encode(delivery()));
        Delivery afresh = decode(forwarded(0, Output.Sink.OUTBOUND));
        assertThat(afresh.getDestination()).isEqualTo("routed.example");
        assertThat(afresh.getRoutedAt()).isEqualTo(1_000);
        assertThat(context.forwarded()).hasSize(1);
    }

    @Test
    void aParkedShareOfANewerRouterIsInTheWayOfNone() throws Exception {
        byte[] newer = ENVELOPES.withSymbol(encode(Mails.to("a@some.example")), "body");
        store.put(new ParkingLot.Place("some.example", "test.inbound", 0, 1, 2).key(), newer);
        store.put(
                new ParkingLot.Place("some.example", "test.inbound", 0, 2, 0).key(),
                encode(Mails.to("b@some.example")));
        router();
        tick();
        lookups.answer("some.example", new NameOnly(60));
        tick();
        assertThat(decode(forwarded(0, Output.Sink.OUTBOUND)).getEnvelope()).isEqualTo(Mails.to("b@some.example"));
        assertThat(context.forwarded()).hasSize(1);
        assertThat(kept()).containsExactly(newer);
        assertThat(context.scheduledPunctuators()).allMatch(CapturedPunctuator::cancelled);
    }

    @ParameterizedTest
    @MethodSource("failuresOfNewerNodes")
    void aFailureWaitsAsItIsAndBouncesNobodyUnheard(byte[] octets) {
        process(bounces(), topics.failed().name(), octets);
        assertThat(kept()).containsExactly(octets);
        assertThat(context.forwarded()).isEmpty();
        assertThat(waiting()).isEqualTo(1);
    }

    @Test
    void aRouterThatKnowsAllOfAFailureBouncesItAndLeavesOthersRecordsAlone() throws Exception {
        keep(topics.failed().name(), 7, encode(failure()));
        keep(topics.inbound().name(), 7, encode(mail()));
        bounces();
        assertThat(waiting()).isEqualTo(1);
        tick();
        Envelope bounce = new Codec<>(Envelope.class, schemas).decode(forwarded(0, Output.Sink.AGAIN));
        assertThat(bounce.getRecipients().get(0).getAddress()).isEqualTo("sender@origin.example");
        assertThat(forwarded(1, Output.Sink.EVENTS)).asString(UTF_8).contains("\"event\":\"generated\"");
        assertThat(kept()).containsExactly(encode(mail()));
    }

    private Processor<byte[], byte[], byte[], byte[]> router() {
        RouteBook book = new RouteBook(new RoutePlan(config), lookups, metrics);
        return started(new RouteProcessor(
                new MailReader(schemas),
                new SchemaLessons(() -> {}),
                new Routing(schemas),
                () -> book,
                topics,
                metrics));
    }

    private Processor<byte[], byte[], byte[], byte[]> bounces() {
        Bounces bounces = new Bounces(config, new QueueIds(Clock.systemUTC(), new Random(1)));
        RecordReader<Failure> reader =
                new RecordReader<>(new Codec<>(Failure.class, schemas)::decode, new SchemaLessons(() -> {}));
        return started(new BounceProcessor(reader, schemas, bounces, topics, metrics));
    }

    private Processor<byte[], byte[], byte[], byte[]> started(Processor<byte[], byte[], byte[], byte[]> processor) {
        processor.init(context);
        return processor;
    }

    private void process(Processor<byte[], byte[], byte[], byte[]> processor, String topic, byte[] value) {
        context.setRecordMetadata(topic, 0, 9);
        processor.process(new Record<>("key".getBytes(UTF_8), value, 0));
    }

    private void tick() {
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs() + 10);
        context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(context.currentSystemTimeMs()));
    }

    private void keep(String topic, long offset, byte[] octets) {
        store.put(new ParkingLot.Place("", topic, 0, offset, 0).key(), octets);
    }

    /** What lies in the store, whoever put it there. */
    private List<byte[]> kept() {
        List<byte[]> kept = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> next = all.next();
                kept.add(next.value);
            }
        }
        return kept;
    }

    private byte[] forwarded(int index, Output.Sink sink) {
        CapturedForward<?, ?> forward = context.forwarded().get(index);
        assertThat(forward.childName()).contains(sink.name());
        return (byte[]) forward.record().value();
    }

    private double waiting() {
        return registry.getSampleValue("postroad_router_newer_records");
    }

    private Delivery decode(byte[] octets) throws Exception {
        return new Codec<>(Delivery.class, schemas).decode(octets);
    }

    /** With something in every place where an enum stands. */
    private static Envelope mail() {
        Envelope mail = Mails.from(
                "sender@origin.example",
                List.of(Mails.recipient("a@routed.example", Notify.DELAY), Mails.recipient("b@other.example")));
        mail.put("ret", Ret.FULL);
        mail.put("parent", new Parent("01HF7YAT0000000000000000AC", Cause.REPLAY));
        return mail;
    }

    private static Delivery delivery() {
        return new Delivery(
                withOne(mail()),
                "routed.example",
                "google",
                3,
                Routes.configured(Mails.route("routed.example", "relay.test").to()),
                Mails.ACCEPTED_AT);
    }

    private static Envelope withOne(Envelope mail) {
        mail.put("recipients", mail.getRecipients().subList(0, 1));
        return mail;
    }

    private static Failure failure() {
        Envelope failed = withOne(mail());
        failed.put("recipients", List.of(Mails.recipient("r@gone.example", Notify.FAILURE)));
        return Mails.failure(failed, FailureReason.BOUNCED, "Subject: x\r\n");
    }

    private static byte[] encode(Envelope envelope) {
        return new Codec<>(Envelope.class, new KnownSchemas()).encode(envelope);
    }

    private static byte[] encode(Delivery delivery) {
        return new Codec<>(Delivery.class, new KnownSchemas()).encode(delivery);
    }

    private static byte[] encode(Failure failure) {
        return new Codec<>(Failure.class, new KnownSchemas()).encode(failure);
    }
}
