package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.CollectorRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Reject;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Topics;

class RouteProcessorTest {
    private final KnownSchemas schemas = new KnownSchemas();
    private final Topics topics = new Topics("test.", Topics.Size.STANDALONE, List.of(), Duration.ofDays(5));
    private final HeldLookups lookups = new HeldLookups();
    private final RouterMetrics metrics = new RouterMetrics(new CollectorRegistry());
    private final RoutePlan plan = new RoutePlan(
            Mails.config(Path.of("unused"), List.of(Mails.route("routed.example", "relay.test")), List.of()));
    private MockProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> store;

    @BeforeEach
    void bind() {
        context = new MockProcessorContext<>();
        context.setCurrentSystemTimeMs(1_000);
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(RouteProcessor.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
    }

    @Test
    void asksAgainForWhatWasParkedBeforeARestart() {
        for (int i = 0; i < 25; i++) {
            store.put(
                    new ParkingLot.Place("d" + i % 5 + ".example", "test.inbound", 0, i, 0).key(),
                    encode(Mails.to("a@d" + i % 5 + ".example")));
        }
        started();
        tick();
        assertThat(lookups.asked())
                .containsExactly("d0.example", "d1.example", "d2.example", "d3.example", "d4.example");
        for (int i = 0; i < 5; i++) {
            lookups.answer("d" + i + ".example", new NameOnly(60));
        }
        tick();
        assertThat(context.forwarded()).hasSize(25);
        assertThat(store.all().hasNext()).isFalse();
    }

    @Test
    void asksForManyRestoredDomainsAFewPerTick() {
        for (int i = 0; i < 100; i++) {
            store.put(
                    new ParkingLot.Place("d" + i + ".example", "test.inbound", 0, i, 0).key(),
                    encode(Mails.to("a@d" + i + ".example")));
        }
        started();
        tick();
        assertThat(lookups.asked()).hasSize(10);
        for (int i = 0; i < 20; i++) {
            tick();
        }
        assertThat(lookups.asked()).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void neitherTicksNorTouchesTheStoreWhileEveryRouteIsKnown() {
        RouteProcessor processor = started();
        process(processor, encode(Mails.to("a@routed.example")));
        assertThat(context.scheduledPunctuators()).isEmpty();
        assertThat(store.all().hasNext()).isFalse();
    }

    @Test
    void stopsTickingOnceNothingWaits() {
        RouteProcessor processor = started();
        process(processor, encode(Mails.to("a@some.example")));
        lookups.answer("some.example", new NameOnly(60));
        tick();
        assertThat(context.scheduledPunctuators()).allMatch(MockProcessorContext.CapturedPunctuator::cancelled);
    }

    @Test
    void aClosedTaskTicksNoMoreAndItsSuccessorForwardsWhatItLeft() {
        RouteProcessor processor = started();
        process(processor, encode(Mails.to("a@some.example")));
        processor.close();
        assertThat(context.scheduledPunctuators()).allMatch(MockProcessorContext.CapturedPunctuator::cancelled);
        context.resetForwards();
        started();
        tick();
        lookups.answer("some.example", new NameOnly(60));
        tick();
        assertThat(context.forwarded()).hasSize(1);
        assertThat(context.scheduledPunctuators()).allMatch(MockProcessorContext.CapturedPunctuator::cancelled);
    }

    @Test
    void aLargeCrowdLeavesInSeveralTicks() {
        RouteProcessor processor = started();
        for (int i = 0; i < 1_200; i++) {
            process(processor, i, encode(Mails.to("a@some.example")));
        }
        lookups.answer("some.example", new NameOnly(60));
        tick();
        assertThat(context.forwarded()).hasSize(500 + 1_200); // with an event for each
        tick();
        tick();
        assertThat(context.forwarded()).hasSize(2_400);
    }

    @Test
    void anUnforeseenExceptionDefersAndLosesNobody() throws Exception {
        Routing routing = new Routing(schemas);
        List<Recipient> recipients = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            recipients.add(Mails.recipient(i + "@some.example"));
        }
        Outputs outputs = routing.route(
                Mails.from("s@origin.example", recipients),
                true,
                new Source("test.inbound", 0, 9),
                domain -> {
                    throw new IllegalStateException("boom");
                },
                0);
        List<String> addresses = new ArrayList<>();
        for (Output output : outputs.records()) {
            if (output.sink() == Output.Sink.OUTBOUND) {
                Delivery delivery = new Codec<>(Delivery.class, schemas).decode(Objects.requireNonNull(output.value()));
                assertThat(delivery.getRoute().getKind()).isEqualTo(RouteKind.FAULT);
                delivery.getEnvelope().getRecipients().forEach(r -> addresses.add(r.getAddress()));
            }
        }
        assertThat(addresses)
                .containsExactlyElementsOf(
                        recipients.stream().map(Recipient::getAddress).toList());
        assertThat(outputs.records().get(0).sink()).isEqualTo(Output.Sink.EVENTS);
    }

    @Test
    void aFaultOfOneDomainIsNoOtherDomains() throws Exception {
        Outputs outputs = new Routing(schemas)
                .route(
                        Mails.to("a@bad.example", "b@routed.example"),
                        false,
                        new Source("test.again", 0, 9),
                        domain -> {
                            if (domain.equals("bad.example")) {
                                throw new IllegalStateException("boom");
                            }
                            return plan.withoutDns(domain);
                        },
                        0);
        List<String> routes = new ArrayList<>();
        for (Output output : outputs.records()) {
            Delivery delivery = new Codec<>(Delivery.class, schemas).decode(Objects.requireNonNull(output.value()));
            routes.add(delivery.getDomain() + " " + delivery.getRoute().getKind());
        }
        assertThat(routes).containsExactly("bad.example FAULT", "routed.example CONFIGURED");
    }

    @Test
    void aParkedShareThatCannotBeReadIsRejectedWithItsOrigin() {
        store.put(new ParkingLot.Place("a.example", "test.inbound", 2, 7, 0).key(), new byte[] {1});
        started();
        tick();
        lookups.answer("a.example", new NameOnly(60));
        tick();
        MockProcessorContext.CapturedForward<?, ?> reject = context.forwarded().get(0);
        assertThat(reject.childName()).contains(Output.Sink.REJECTS.name());
        assertThat(reject.record().headers().lastHeader(Reject.OFFSET).value()).isEqualTo("7".getBytes(UTF_8));
        assertThat(told())
                .hasSize(1)
                .first()
                .asString()
                .contains("\"event\":\"rejected\"", "\"recipients\":[]", "\"source\":\"test.inbound-2-7\"");
    }

    @Test
    void aParkedShareThatOutgrowsItsTopicIsRejectedByItsRecipients() {
        Envelope mail = Mails.to("a@a.example", "b@a.example");
        mail.put("content", new InlineContent(ByteBuffer.allocate(Caps.RECORD_OCTETS)));
        store.put(new ParkingLot.Place("a.example", "test.again", 2, 7, 0).key(), encode(mail));
        started();
        tick();
        lookups.answer("a.example", new NameOnly(60));
        tick();
        assertThat(told())
                .hasSize(1)
                .first()
                .asString()
                .contains("\"event\":\"rejected\"", "\"recipients\":[\"a@a.example\",\"b@a.example\"]")
                .contains("\"queueId\":\"" + Mails.QUEUE_ID + "\"", "\"source\":\"test.again-2-7\"");
    }

    /** The events that were forwarded. */
    private List<String> told() {
        List<String> told = new ArrayList<>();
        for (MockProcessorContext.CapturedForward<?, ?> forward : context.forwarded()) {
            if (forward.childName().equals(Optional.of(Output.Sink.EVENTS.name()))) {
                told.add(new String((byte[]) forward.record().value(), UTF_8));
            }
        }
        return told;
    }

    @Test
    void rejectsNothingForASchemaThatNobodyPublishedYetAndAsksForIt() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        RouteProcessor processor = started(() -> asked.complete("control"));
        byte[] value = NewerEnvelopes.write(Mails.to("a@routed.example"));
        assertThatThrownBy(() -> process(processor, value)).isInstanceOf(UnlearnedSchemaException.class);
        assertThat(context.forwarded()).isEmpty();
        assertThat(asked.get(5, TimeUnit.MINUTES)).isEqualTo("control");
    }

    @Test
    void aParkedShareOfAnUnknownSchemaStaysUntilItIsLearnedAndOthersLeave() {
        store.put(
                new ParkingLot.Place("newer.example", "test.inbound", 0, 1, 0).key(),
                NewerEnvelopes.write(Mails.to("a@newer.example")));
        store.put(
                new ParkingLot.Place("newer.example", "test.inbound", 0, 2, 0).key(),
                encode(Mails.to("b@newer.example")));
        store.put(
                new ParkingLot.Place("other.example", "test.inbound", 0, 3, 0).key(),
                encode(Mails.to("a@other.example")));
        started();
        tick();
        lookups.answer("newer.example", new NameOnly(60));
        lookups.answer("other.example", new NameOnly(60));
        for (int i = 0; i < 1_000; i++) {
            tick();
        }
        assertThat(context.forwarded()).hasSize(1);

        schemas.add(NewerEnvelopes.ENVELOPE);
        for (long waited = 0; waited <= WaitingShares.LOOK_AGAIN.toMillis(); waited += 10) {
            tick();
        }
        assertThat(context.forwarded()).hasSize(3).allMatch(forward -> forward.childName()
                .equals(Optional.of(Output.Sink.OUTBOUND.name())));
        assertThat(store.all().hasNext()).isFalse();
    }

    private RouteProcessor started() {
        return started(() -> {});
    }

    private RouteProcessor started(Runnable learn) {
        RouteBook book = new RouteBook(plan, lookups, metrics);
        RouteProcessor processor = new RouteProcessor(
                new MailReader(schemas), new SchemaLessons(learn), new Routing(schemas), () -> book, topics, metrics);
        processor.init(context);
        return processor;
    }

    private void process(RouteProcessor processor, byte[] value) {
        process(processor, 0, value);
    }

    private void process(RouteProcessor processor, long offset, byte[] value) {
        context.setRecordMetadata("test.inbound", 0, offset);
        processor.process(new Record<>("key".getBytes(UTF_8), value, 0));
    }

    private void tick() {
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs() + 10);
        context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(context.currentSystemTimeMs()));
    }

    private byte[] encode(Envelope envelope) {
        return new Codec<>(Envelope.class, schemas).encode(envelope);
    }
}
