package org.postroad.router;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.schemas.QueueIds;

/** What is remembered of mail that may come again, and for how long. */
class TakenIdsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private TopologyTestDriver driver;
    private KeyValueStore<Bytes, byte[]> store;

    @BeforeEach
    void open(@TempDir Path state) {
        Topology topology = new Topology()
                .addSource("source", "topic")
                .addProcessor("processor", Idle::new, "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("store"), Serdes.Bytes(), Serdes.ByteArray()),
                        "processor");
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        driver = new TopologyTestDriver(topology, settings);
        store = driver.getKeyValueStore("store");
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private static List<byte[]> ids(int count, Instant at) {
        QueueIds ids = new QueueIds(Clock.fixed(at, ZoneOffset.UTC), new Random(7));
        return IntStream.range(0, count)
                .mapToObj(i -> ids.next().getBytes(US_ASCII))
                .toList();
    }

    private int kept() {
        int count = 0;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            for (; all.hasNext(); all.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    void anIdIsTakenOnceAlsoByTheNextTaskThatHasTheStore() {
        byte[] id = ids(1, NOON).get(0);
        TakenIds taken = new TakenIds(store);
        assertThat(taken.take(id, NOON.toEpochMilli())).isTrue();
        assertThat(taken.take(id, NOON.toEpochMilli())).isFalse();
        assertThat(new TakenIds(store).take(id, NOON.toEpochMilli())).isFalse();
    }

    @Test
    void idsOfTwoDaysAgoAreForgottenAndNoOthers() {
        TakenIds taken = new TakenIds(store);
        List<byte[]> old = ids(2_500, NOON);
        old.forEach(id -> taken.take(id, NOON.toEpochMilli()));
        Instant later = NOON.plus(TakenIds.REMEMBERED).plusSeconds(1);
        List<byte[]> fresh = ids(1_500, later);
        fresh.forEach(id -> taken.take(id, later.toEpochMilli()));
        assertThat(kept()).isEqualTo(fresh.size());
        assertThat(fresh).noneMatch(id -> taken.take(id, later.toEpochMilli()));
    }

    /** What is read late comes in the order in which it was written, so that ids which come again lie before younger ones. */
    @Test
    void aRouterThatIsDaysBehindForgetsByTheMailThatItReads() {
        TakenIds taken = new TakenIds(store);
        long now = NOON.plus(TakenIds.REMEMBERED).plusSeconds(3_600).toEpochMilli();
        List<byte[]> old = ids(1_500, NOON);
        old.forEach(id -> assertThat(taken.take(id, now)).isTrue());
        assertThat(old).noneMatch(id -> taken.take(id, now));
    }

    /** A node whose clock is days ahead makes nobody forget. */
    @Test
    void idsFromTheFutureAreNotBelieved() {
        TakenIds taken = new TakenIds(store);
        List<byte[]> old = ids(1_500, NOON);
        old.forEach(id -> taken.take(id, NOON.toEpochMilli()));
        ids(1_500, NOON.plus(TakenIds.REMEMBERED.multipliedBy(2))).forEach(id -> taken.take(id, NOON.toEpochMilli()));
        assertThat(old).noneMatch(id -> taken.take(id, NOON.toEpochMilli()));
    }

    @Test
    void noParkedShareIsTakenForOne() {
        store.put(new ParkingLot.Place("zz--zz.example", "inbound", 0, 1, 0).key(), new byte[] {1});
        new TakenIds(store).take(ids(1, NOON).get(0), NOON.toEpochMilli());
        ParkingLot lot = new ParkingLot(store);
        assertThat(lot.count()).isEqualTo(1);
        assertThat(lot.domainAfter("")).isEqualTo("zz--zz.example");
        assertThat(lot.domainAfter("zz--zz.example")).isNull();
    }

    /** Does nothing; the store needs somebody whose it is. */
    private static final class Idle extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
        @Override
        public void process(Record<byte[], byte[]> record) {}
    }
}
