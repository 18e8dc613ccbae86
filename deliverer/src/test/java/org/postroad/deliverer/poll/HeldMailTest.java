package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;

/** Mail whose sender wants it to be sent later (RFC 4865). */
class HeldMailTest extends MockedPoller {

    @Test
    void itIsPutOffUntriedUntilItsTimeHasCome() {
        assign(FIRST);
        turn();
        long due = clock.millis() + Duration.ofHours(2).toMillis();
        deliver(0, due, true);
        turn();
        turn();
        assertThat(dispatch.started).isEmpty();
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
        assertThat(cluster.written).hasSize(2);
        assertThat(cluster.written.get(1))
                .contains("\"event\":\"overflowed\"", "not to be sent before ", "\"recipients\":[\"a@b.test\"]")
                .doesNotContain("\"attempt\"");
        assertThat(metric("postroad_deliverer_newer_total")).isZero();

        clock.advance(Duration.ofHours(2));
        deliver(1, due, true);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(1));
    }

    /** A retry's time may have been undercut on purpose, since the destination has recovered. */
    @Test
    void onlyTheSendersOwnTimeIsKept() {
        assign(FIRST);
        turn();
        deliver(0, clock.millis() + 60_000, false);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(0));
    }

    private void deliver(long offset, long notBefore, boolean asked) {
        Envelope envelope = Envelope.newBuilder(
                        Samples.envelope(Samples.queueId(offset), notBefore, Samples.recipient("a@b.test")))
                .setRequires(asked ? FutureRelease.required() : null)
                .build();
        byte[] octets = codec.encode(Samples.delivery(envelope));
        cluster.consumer.addRecord(new ConsumerRecord<>(OUTBOUND, 0, offset, "b.test".getBytes(UTF_8), octets));
    }
}
