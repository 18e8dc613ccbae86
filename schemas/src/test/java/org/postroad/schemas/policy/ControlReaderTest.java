package org.postroad.schemas.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Policy;
import org.postroad.schemas.UnreachableException;
import org.postroad.testkit.ManualClock;

class ControlReaderTest {
    private static final TopicPartition CONTROL = new TopicPartition("control", 0);

    private final ManualClock clock = new ManualClock();
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Policy> codec = new Codec<>(Policy.class, new KnownSchemas());
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final List<Policies> changes = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final ControlReader reader =
            new ControlReader(consumer, CONTROL.topic(), schemas, clock, clock::nanoTime, new ControlReader.Listener() {
                @Override
                public void changed(Policies policies) {
                    changes.add(policies);
                    failWhereItShould();
                }

                @Override
                public void heard(Policy record) {
                    heard.add(record.getAspect() + ":" + record.getSubject());
                    failWhereItShould();
                }

                @Override
                public void takenBack(String key) {
                    heard.add("not " + key);
                }

                private void failWhereItShould() {
                    if (isFaulty) {
                        throw new IllegalStateException("a fault of ours");
                    }
                }
            });

    /** All that was ever written and not compacted. */
    private final Map<Long, ConsumerRecord<byte[], byte[]>> log = new HashMap<>();

    private long next;
    private boolean isFaulty;

    ControlReaderTest() {
        consumer.updateBeginningOffsets(Map.of(CONTROL, 0L));
        consumer.updateEndOffsets(Map.of(CONTROL, 0L));
    }

    @Test
    void aRoleStartsWithAllThatStands() {
        write(limit("a.test", Map.of("connections", "1")));
        write(limit("b.test", Map.of("connections", "2")));
        write("limit:a.test", null);
        write(limit("b.test", Map.of("connections", "3")));
        begin();
        assertThat(changes).hasSize(1);
        assertThat(inForce()).containsExactly("limit:b.test {connections=3}");
    }

    @Test
    void whatIsSaidAfterwardsIsInForceInTheSameTurn() {
        begin();
        assertThat(changes).isEmpty();
        write(limit("a.test", Map.of("connections", "1")));
        reader.turn();
        assertThat(inForce()).containsExactly("limit:a.test {connections=1}");
        write("limit:a.test", null);
        reader.turn();
        assertThat(inForce()).isEmpty();
        reader.turn();
        assertThat(changes).as("nothing more has changed").hasSize(2);
        assertThat(heard).containsExactly("limit:a.test", "not limit:a.test");
    }

    @Test
    void aPolicyEndsByItselfAndNeverBeginsAgain() {
        String until = clock.instant().plus(Duration.ofHours(2)).toString();
        write(limit("a.test", Map.of("connections", "1", "until", until)));
        write(limit("b.test", Map.of("connections", "1", "until", "2025-12-31T23:59:59Z")));
        begin();
        assertThat(inForce()).containsExactly("limit:a.test {connections=1}");
        clock.advance(Duration.ofHours(2).minusMillis(1));
        reader.turn();
        assertThat(inForce()).hasSize(1);
        clock.advance(Duration.ofMillis(1));
        reader.turn();
        assertThat(inForce()).isEmpty();
    }

    @Test
    void whatEndsDoesSoWhileKafkaIsAway() {
        write(limit("a.test", Map.of("until", clock.instant().plusSeconds(60).toString())));
        begin();
        clock.advance(Duration.ofMinutes(2));
        consumer.setPollException(new KafkaException("away"));
        assertThatThrownBy(reader::turn).hasMessage("away");
        assertThat(inForce()).isEmpty();
    }

    @Test
    void whatWasInForceStaysWhileKafkaIsAway() {
        write(limit("a.test", Map.of("connections", "1")));
        begin();
        consumer.setPollException(new KafkaException("away"));
        assertThatThrownBy(reader::turn).hasMessage("away");
        write(limit("b.test", Map.of("connections", "1")));
        reader.turn();
        assertThat(inForce()).hasSize(2);
    }

    @Test
    void aRoleDoesNotStartWithoutTheTopic() {
        consumer.setOffsetsException(new KafkaException("away"));
        assertThatThrownBy(reader::begin).isInstanceOf(UnreachableException.class);
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void whatNobodyHereCanReadIsIgnoredAndSaidOnce() {
        write(limit("a.test", Map.of("connections", "1")));
        begin();
        write(limit("a.test", Map.of("until", "tomorrow")));
        write("limit:b.test", new byte[] {1, 2, 3});
        write("limit:c.test", codec.encode(limit("other.test", Map.of())));
        write(new Policy("shards", "d.test", Map.of(), "", "", 0L));
        reader.turn();
        assertThat(inForce()).as("as though it were not there").isEmpty();
        assertThat(schemas.ignored()
                        .say("limit:a.test", "until tomorrow: wanted is an instant such as 2026-01-31T12:00:00Z"))
                .isFalse();
        assertThat(schemas.ignored().say("limit:b.test", "not Avro single-object encoding"))
                .isFalse();
        assertThat(schemas.ignored().say("limit:c.test", "its key is not that of what it says"))
                .isFalse();
    }

    @Test
    void aSettingThatNobodyHereKnowsIsIgnoredByItself() {
        Policy policy = limit("a.test", Map.of("connections", "1", "rate", "5"));
        write(policy);
        begin();
        assertThat(inForce()).containsExactly("limit:a.test {connections=1, rate=5}");
        assertThat(schemas.ignored().note(policy)).as("said already").isEmpty();
        assertThat(new KnownSchemas().ignored().note(policy)).containsExactly("limit:rate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "5", "[]", "{}", "{\"type\":\"record\"}", "\"int\"", "[\"null\",\"null\"]", "\\"})
    void whatIsNoSchemaStopsNobody(String text) {
        write(new Policy("schema", "odd", Map.of("schema", text), "", "", 0L));
        write(new Policy("schema", "none", Map.of(), "", "", 0L));
        write(limit("a.test", Map.of("connections", "1")));
        begin();
        assertThat(inForce()).containsExactly("limit:a.test {connections=1}");
    }

    @Test
    void aFaultOfWhoListensStopsNobody() {
        isFaulty = true;
        write(limit("a.test", Map.of("connections", "1")));
        write(limit("b.test", Map.of("connections", "1")));
        begin();
        assertThat(inForce()).hasSize(2);
        assertThat(heard).hasSize(2);
        isFaulty = false;
        write("limit:a.test", null);
        reader.turn();
        assertThat(inForce()).hasSize(1);
    }

    @Test
    void aPolicyWhoseSchemaComesLaterIsRead() throws Exception {
        Schema newer = new Schema.Parser()
                .parse(Policy.SCHEMA$
                        .toString()
                        .replace("\"fields\":[", "\"fields\":[{\"name\":\"more\",\"type\":\"string\"},"));
        byte[] plain = codec.encode(limit("a.test", Map.of("connections", "1")));
        byte[] octets = new byte[plain.length + 2];
        System.arraycopy(plain, 0, octets, 0, 10);
        java.nio.ByteBuffer.wrap(octets)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(2, org.apache.avro.SchemaNormalization.parsingFingerprint64(newer));
        octets[10] = 2;
        octets[11] = 'x';
        System.arraycopy(plain, 10, octets, 12, plain.length - 10);
        write("limit:a.test", octets);
        begin();
        assertThat(changes).isEmpty();
        write(new Policy("schema", "Policy-newer", Map.of("schema", newer.toString()), "", "", 0L));
        reader.turn();
        assertThat(changes).as("it stands before its schema").isEmpty();
        reader.turn();
        assertThat(inForce()).containsExactly("limit:a.test {connections=1}");
    }

    @Test
    void whatWasTakenBackWhileItCouldNotBeSeenIsGoneWithinHours() {
        write(limit("a.test", Map.of("connections", "1")));
        write(limit("b.test", Map.of("connections", "1")));
        begin();
        log.remove(0L); // compacted, and its tombstone too
        clock.advance(Duration.ofMillis(ControlReader.AFRESH_MILLIS));
        reader.turn();
        reader.turn();
        assertThat(inForce()).containsExactly("limit:b.test {connections=1}");
        assertThat(changes).as("nothing in between").hasSize(2);
        assertThat(heard).as("not again").containsExactly("limit:a.test", "limit:b.test");
    }

    @Test
    void aTopicThatIsNotWhatItWasIsReadFromItsStart() {
        write(limit("a.test", Map.of("connections", "1")));
        begin();
        log.clear();
        next = 0;
        write(limit("b.test", Map.of("connections", "1")));
        consumer.setPollException(new OffsetOutOfRangeException(Map.of(CONTROL, 1L)));
        reader.turn();
        reader.turn();
        assertThat(inForce()).containsExactly("limit:b.test {connections=1}");
        assertThat(heard).containsExactly("limit:a.test", "limit:b.test");
    }

    private void begin() {
        feed();
        reader.begin();
    }

    /** The mock gives away each record once; a reader that seeks back finds those that the log still has. */
    private void feed() {
        consumer.schedulePollTask(new Runnable() {
            @Override
            public void run() {
                long position = consumer.position(CONTROL);
                log.values().stream()
                        .filter(record -> record.offset() >= position)
                        .sorted(java.util.Comparator.comparingLong(ConsumerRecord::offset))
                        .forEach(consumer::addRecord);
                consumer.schedulePollTask(this);
            }
        });
    }

    private List<String> inForce() {
        return changes.get(changes.size() - 1).all().stream()
                .map(policy -> policy.key() + " " + new TreeMap<>(policy.settings()))
                .toList();
    }

    private Policy limit(String destination, Map<String, String> settings) {
        return new Policy("limit", destination, settings, "because", "me", clock.millis());
    }

    private void write(Policy policy) {
        write(policy.getAspect() + ":" + policy.getSubject(), codec.encode(policy));
    }

    private void write(String key, byte @Nullable [] value) {
        log.put(next, new ConsumerRecord<>(CONTROL.topic(), 0, next, key.getBytes(UTF_8), value));
        next++;
        consumer.updateEndOffsets(Map.of(CONTROL, next));
    }
}
