package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.Gauge;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Packing;

class ChunkWriterTest {
    private final List<Runnable> loop = new ArrayList<>();
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    @Test
    void aFaultOfWhoHearsOfProgressKeepsNoAnswerBack() {
        ChunkWriter writer = new ChunkWriter(
                new DurableLog(kafka, loop::add, Ticker.systemTicker(), new KafkaOutage()),
                new OctetBudget(1 << 20, Gauge.build("held", "octets").create()),
                new Packing(),
                new Intake.Road("inbound", "content", new StickyPartition(1, 0)),
                new ContentId(new byte[16]),
                () -> {
                    throw new IllegalStateException("a bug");
                });
        List<ContentRef> settled = new ArrayList<>();
        writer.write(new byte[100], 100);
        writer.whenSettled(settled::add);
        assertThat(settled).isEmpty();
        assertThatThrownBy(loop.remove(0)::run).isInstanceOf(IllegalStateException.class);
        assertThat(settled).singleElement().extracting(ContentRef::getSize).isEqualTo(100L);
    }
}
