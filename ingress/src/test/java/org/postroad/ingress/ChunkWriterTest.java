package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.client.Gauge;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.Packing;

class ChunkWriterTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Gauge held = Gauge.build("held", "octets").create();
    private final List<Throwable> faults = new ArrayList<>();

    @Test
    void aFaultOfWhoHearsWhereTheContentIsIsToldToItsSession() {
        ChunkWriter writer = new ChunkWriter(
                new DurableLog(kafka, channel.eventLoop(), channel.eventLoop().ticker(), new KafkaOutage("messages")),
                new OctetBudget(1 << 20, held),
                new Packing(),
                new Intake.Road("inbound", 3, "content", new StickyPartition(1, 0), () -> false),
                new ContentId(new byte[16]),
                new Progress() {
                    @Override
                    public void goOn() {}

                    @Override
                    public void fault(Throwable bug) {
                        faults.add(bug);
                    }
                });
        writer.write(new byte[100], 100);
        writer.whenSettled(ref -> {
            throw new IllegalStateException("a bug");
        });
        assertThat(faults).isEmpty();
        channel.runPendingTasks();
        assertThat(faults).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(held.get()).isZero();
    }
}
