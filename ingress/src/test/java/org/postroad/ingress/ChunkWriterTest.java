package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.client.Gauge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Packing;

class ChunkWriterTest {
    private static final int CHUNK = 128 * 1024;
    private static final int STRETCH_CHUNKS = 5;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Gauge held = Gauge.build("held", "octets").create();
    private final OctetBudget budget = new OctetBudget(64 << 20, held);
    private final DurableLog log = new DurableLog(
            kafka,
            channel.eventLoop(),
            channel.eventLoop().ticker(),
            new KafkaOutage());
    private final StretchTurns turns = new StretchTurns(2, channel.eventLoop());
    private final List<Throwable> faults = new ArrayList<>();
    private final List<Integer> cameOn = new ArrayList<>();

    @BeforeEach
    void freeze() {
        channel.freezeTime();
    }

    @Test
    void aFaultOfWhoHearsWhereTheContentIsIsToldToItsSession() {
        ChunkWriter writer = writer(0, ChunkWriter.DIRECT_OCTETS);
        writer.write(raw(), CHUNK);
        writer.whenSettled(ref -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(faults).isEmpty();
        channel.runPendingTasks();
        assertThat(faults).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(held.get()).isZero();
    }

    @Test
    void firstChunksComeAsTheyAreAndThenStretchesThatFillABatch() {
        ChunkWriter writer = writer(0, ChunkWriter.DIRECT_OCTETS);
        List<Integer> written = new ArrayList<>();
        for (int i = 0; i < 4 + 2 * STRETCH_CHUNKS; i++) {
            assertThat(writer.mayWrite()).isTrue();
            writer.write(raw(), CHUNK);
            written.add(kafka.history().size());
        }
        assertThat(written).containsExactly(1, 2, 3, 4, 4, 4, 4, 4, 9, 9, 9, 9, 9, 14);
    }

    @Test
    void stretchesOfMessagesThatComeAtOnceLieTogether() {
        List<ChunkWriter> writers =
                IntStream.range(0, 5).mapToObj(i -> writer(i, 0)).toList();
        List<ContentRef> settled = new ArrayList<>();
        for (int round = 0; round < 60; round++) {
            for (ChunkWriter writer : writers) {
                if (!writer.isBusy() && writer.mayWrite()) {
                    writer.write(raw(), CHUNK);
                }
            }
            channel.runPendingTasks();
        }
        for (ChunkWriter writer : writers) {
            writer.flush();
            writer.whenSettled(settled::add);
        }
        channel.runPendingTasks();
        assertThat(settled).hasSize(5).allSatisfy(ref -> {
            List<Long> offsets = ref.getOffsets();
            assertThat(offsets).hasSizeGreaterThan(2 * STRETCH_CHUNKS);
            for (int i = 0; i < offsets.size(); i++) {
                assertThat(offsets.get(i)).isEqualTo(offsets.get(i - i % STRETCH_CHUNKS) + i % STRETCH_CHUNKS);
            }
        });
        assertThat(cameOn).as("those that waited were told").contains(2, 3, 4);
        assertThat(held.get()).isZero();
    }

    @Test
    void aSlowClientKeepsItsTurnOnlyWhileNobodyWaits() {
        ChunkWriter slow = writer(0, 0);
        ChunkWriter other = writer(1, 0);
        ChunkWriter third = writer(2, 0);
        assertThat(slow.mayWrite() && other.mayWrite()).isTrue();
        slow.write(raw(), CHUNK);
        wait(10_000);
        assertThat(kafka.history()).isEmpty();
        assertThat(third.mayWrite()).isFalse();
        assertThat(third.isBusy()).isTrue();
        wait(300);
        assertThat(kafka.history()).as("what the slow one had").hasSize(1);
        assertThat(third.isBusy()).isFalse();
        assertThat(cameOn).contains(2);
        assertThat(third.mayWrite()).isTrue();
    }

    @Test
    void whoIsGoneHoldsNothingAndItsTurnIsAnothers() {
        ChunkWriter gone = writer(0, 0);
        assertThat(gone.mayWrite() && writer(1, 0).mayWrite()).isTrue();
        ChunkWriter goneWaiting = writer(2, 0);
        ChunkWriter waiting = writer(3, 0);
        assertThat(goneWaiting.mayWrite() || waiting.mayWrite()).isFalse();
        gone.write(raw(), CHUNK);
        assertThat(held.get()).isEqualTo(CHUNK);
        goneWaiting.drop();
        gone.drop();
        channel.runPendingTasks();
        assertThat(held.get()).isZero();
        assertThat(waiting.isBusy()).isFalse();
        assertThat(kafka.history()).isEmpty();
    }

    private void wait(int millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    private ChunkWriter writer(int number, long direct) {
        byte[] id = new byte[16];
        id[0] = (byte) number;
        Intake.Road road = new Intake.Road("inbound", "content", new StickyPartition(1, 0));
        return new ChunkWriter(log, budget, new Packing(), road, turns, new ContentId(id), direct, new Progress() {
            @Override
            public void goOn() {
                cameOn.add(number);
            }

            @Override
            public void fault(Throwable bug) {
                faults.add(bug);
            }
        });
    }

    /** Octets that cannot be packed. */
    private static byte[] raw() {
        byte[] raw = new byte[CHUNK];
        new java.util.Random(1).nextBytes(raw);
        return raw;
    }
}
