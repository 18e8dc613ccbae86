package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postroad.testkit.NewerNode;

/** What newer nodes write, read by this version: whole where that is safe, refused where it is not, and never taken for damage. */
class NewerRecordTest {
    private final KnownSchemas schemas = new KnownSchemas();

    /** A record of one kind, of today. */
    record Kind<T extends SpecificRecordBase>(Class<T> type, T value) {
        Schema schema() {
            return value.getSchema();
        }

        byte[] octets() {
            return new Codec<>(type, new KnownSchemas()).encode(value);
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>(Envelope.class, envelope()),
                new Kind<>(Delivery.class, delivery()),
                new Kind<>(Failure.class, failure()));
    }

    static Stream<Arguments> enums() {
        return kinds().flatMap(kind ->
                new NewerNode(kind.schema()).enumPlaces().stream().map(place -> Arguments.of(kind, place)));
    }

    static Stream<Arguments> requirements() {
        Map<String, List<String>> places = Map.of(
                "Envelope", List.of("requires"),
                "Delivery", List.of("route.requires", "envelope.requires"),
                "Failure", List.of("requires", "envelope.requires"));
        return kinds().flatMap(kind ->
                places.getOrDefault(kind.toString(), List.of()).stream().map(place -> Arguments.of(kind, place)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T extends SpecificRecordBase> void newFieldsAreIgnored(Kind<T> kind) throws Exception {
        NewerNode newer = learned(kind);
        assertThat(codec(kind).decode(newer.withFields(kind.octets()))).isEqualTo(kind.value());
    }

    @ParameterizedTest
    @MethodSource("enums")
    <T extends SpecificRecordBase> void aNewSymbolIsRefusedByNameWhereverItStands(Kind<T> kind, String place)
            throws Exception {
        byte[] octets = learned(kind).withSymbol(kind.octets(), place);
        assertThatThrownBy(() -> codec(kind).decode(octets))
                .isInstanceOf(NewerRecordException.class)
                .hasMessage("written by a newer node: " + place + " " + NewerNode.SYMBOL);
        T known = codec(kind).decodeWhatIsKnown(octets);
        assertThat(known.toString()).contains("UNKNOWN").contains("b@b.test");
        assertThat(codec(kind).isWhollyKnown(known)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("requirements")
    <T extends SpecificRecordBase> void aWordThatHasToBeKnownIsRefusedByName(Kind<T> kind, String place) {
        byte[] octets = learned(kind).requiring(kind.octets(), place, "dane", "source-pool");
        assertThatThrownBy(() -> codec(kind).decode(octets))
                .isInstanceOf(NewerRecordException.class)
                .hasMessage("written by a newer node: " + place + " dane, " + place + " source-pool");
    }

    @ParameterizedTest
    @MethodSource("requirements")
    <T extends SpecificRecordBase> void requiringNothingIsNoRequirement(Kind<T> kind, String place) throws Exception {
        byte[] octets = learned(kind).requiring(kind.octets(), place);
        assertThat(codec(kind).decode(octets)).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("requirements")
    <T extends SpecificRecordBase> void whoKnowsEveryWordReadsIt(Kind<T> kind, String place) throws Exception {
        byte[] octets = new NewerNode(kind.schema()).requiring(kind.octets(), place, "dane", "source-pool");
        KnownSchemas newer = new KnownSchemas(Set.of("dane", "source-pool", "seal"));
        newer.add(new NewerNode(kind.schema()).schema());
        assertThat(new Codec<>(kind.type(), newer).decode(octets)).asString().contains("source-pool");
    }

    @Test
    void aSymbolThatNobodyMayWriteIsRefusedInOurOwnSchemaToo() {
        Codec<Delivery> codec = new Codec<>(Delivery.class, schemas);
        Delivery delivery = delivery();
        delivery.put("route", Routes.mx(List.of(new Exchanger("mx.b.test", 10, 0, TlsPolicy.UNKNOWN))));
        assertThatThrownBy(() -> codec.decode(codec.encode(delivery)))
                .isInstanceOf(NewerRecordException.class)
                .hasMessage("written by a newer node: route.exchangers.tls UNKNOWN");
    }

    @Test
    void damageOfANewerRecordIsDamage() {
        Kind<Envelope> kind = new Kind<>(Envelope.class, envelope());
        byte[] octets = learned(kind).withFields(kind.octets());
        byte[] cut = java.util.Arrays.copyOf(octets, octets.length - 1);
        assertThatThrownBy(() -> codec(kind).decode(cut)).isInstanceOf(UndecodableException.class);
    }

    @Test
    void aSchemaThatBreaksTheRulesIsNeverLearnedSoThatItsRecordsWait() {
        Schema retyped = new Schema.Parser()
                .parse(Policy.SCHEMA$
                        .toString()
                        .replace("\"name\":\"at\",\"type\":\"long\"", "\"name\":\"at\",\"type\":\"boolean\""));
        Schema strange = SchemaBuilder.record("Parcel")
                .namespace("org.postroad.schemas")
                .fields()
                .requiredString("id")
                .endRecord();
        assertThat(retyped).isNotEqualTo(Policy.SCHEMA$);
        assertThat(schemas.add(retyped)).isFalse();
        assertThat(schemas.add(strange)).isFalse();
        byte[] octets = new Codec<>(Policy.class, schemas).encode(new Policy("a", "b", Map.of(), "", "", 0L));
        octets[2] ^= 1;
        assertThat(Codec.isUnlearned(octets, schemas)).isTrue();
    }

    @Test
    void aRecordOfAnotherKindIsUndecodable() {
        byte[] octets = new Kind<>(Delivery.class, delivery()).octets();
        assertThatThrownBy(() -> new Codec<>(Envelope.class, schemas).decode(octets))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("a Delivery");
    }

    @Test
    void mailIsReadWhereverItWaits() throws Exception {
        MailReader mails = new MailReader(schemas);
        Kind<Delivery> routed = new Kind<>(Delivery.class, delivery());
        byte[] envelope = new Kind<>(Envelope.class, envelope()).octets();
        byte[] newer = learned(routed).withSymbol(routed.octets(), "route.kind");

        assertThat(mails.isDelivery(envelope)).isFalse();
        assertThat(mails.decode(envelope)).isEqualTo(envelope());
        assertThat(mails.isDelivery(routed.octets())).isTrue();
        assertThat(mails.decode(routed.octets())).isEqualTo(envelope());
        assertThat(mails.isDelivery(newer)).isTrue();
        assertThatThrownBy(() -> mails.decode(newer)).isInstanceOf(NewerRecordException.class);
        assertThat(mails.decodeWhatIsKnown(newer)).isEqualTo(envelope());
        byte[] failure = new Kind<>(Failure.class, failure()).octets();
        assertThat(mails.isDelivery(failure)).isFalse();
        assertThatThrownBy(() -> mails.decodeWhatIsKnown(failure)).isInstanceOf(UndecodableException.class);
        assertThat(mails.isDelivery(new byte[] {1})).isFalse();
        assertThat(mails.isDelivery(null)).isFalse();
    }

    @Test
    void aPolicyThatOnlyNewerNodesKnowIsIgnoredAndSaidOnce() {
        IgnoredPolicies ignored = new IgnoredPolicies();
        Policy pool = policy("source-pool", Map.of("addresses", "192.0.2.1"));
        Policy recovered = policy("recovered", Map.of("since", "1", "portion", "1", "records", "1", "rate", "5"));
        assertThat(ignored.note(pool)).containsExactly("source-pool");
        assertThat(ignored.note(pool)).isEmpty();
        assertThat(ignored.note(recovered)).isEqualTo(Set.of("recovered:rate"));
        assertThat(ignored.note(recovered)).isEmpty();
        assertThat(ignored.note(policy("ledger", Map.of("17", "4711 accepted=3"))))
                .isEmpty();
        assertThat(ignored.note(policy("schema", Map.of("schema", "{}")))).isEmpty();
    }

    private static Policy policy(String aspect, Map<String, String> settings) {
        return new Policy(aspect, "x", settings, "", "", 0L);
    }

    private NewerNode learned(Kind<?> kind) {
        NewerNode newer = new NewerNode(kind.schema());
        assertThat(schemas.add(newer.schema())).isTrue();
        return newer;
    }

    private <T extends SpecificRecordBase> Codec<T> codec(Kind<T> kind) {
        return new Codec<>(kind.type(), schemas);
    }

    private static Envelope envelope() {
        Envelope envelope = Samples.envelope();
        LastReply reply = new LastReply(451, "4.3.0", "later", null, 1L);
        envelope.put(
                "recipients",
                List.of(new Recipient("b@b.test", List.of(Notify.DELAY, Notify.FAILURE), null, 2, 1, reply)));
        return envelope;
    }

    private static Delivery delivery() {
        Exchanger exchanger = new Exchanger("mx.b.test", 10, 0, TlsPolicy.VERIFIED);
        return new Delivery(envelope(), "b.test", "b.test", 0, Routes.mx(List.of(exchanger)), 1_700_000_000_000L);
    }

    private static Failure failure() {
        return new Failure(envelope(), "b.test", "b.test", FailureReason.EXPIRED, 1L, Samples.octets(10), null);
    }
}
