package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Road;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.ScriptedDispatch;
import org.postroad.deliverer.commit.FaultyCluster.Call;
import org.postroad.deliverer.commit.FaultyCluster.Fault;
import org.postroad.deliverer.commit.FinishedOffsets;
import org.postroad.deliverer.commit.LedgerCodec;
import org.postroad.deliverer.commit.MissingOffsetException;
import org.postroad.deliverer.commit.OwnedPartition;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.schemas.LastReply;

/** What the poller takes, hands out and commits. */
class DeliveryPollerTest extends MockedPoller {
    @Test
    void takesNothingBeforeTheLeaseIsHeld() {
        cluster.faults(call -> call == Call.COMMIT
                ? Optional.of(new Fault(new TimeoutException("no Kafka"), false))
                : Optional.empty());
        assign(FIRST);
        turn();
        assertThat(lease.isHeld(clock.nanoTime())).isFalse();
        assertThat(cluster.consumer.paused()).containsExactly(FIRST);
        cluster.faults(call -> Optional.empty());
        turn();
        assertThat(lease.isHeld(clock.nanoTime())).isTrue();
        assertThat(cluster.consumer.paused()).isEmpty();
    }

    @Test
    void anIdleNodeRenewsItsLease() {
        assign(FIRST);
        for (int i = 0; i < 200; i++) {
            turn();
            assertThat(lease.isHeld(clock.nanoTime())).isTrue();
        }
        assertThat(cluster.calls).filteredOn(Call.COMMIT::equals).hasSizeBetween(8, 12);
    }

    @Test
    void outcomesAreCommittedTogether() {
        assign(FIRST);
        turn();
        int before = cluster.calls.size();
        send(FIRST, 0, 1, 2);
        turn();
        dispatch.finish(Samples.queueId(2));
        dispatch.finish(Samples.queueId(0));
        turn();
        turn();
        assertThat(cluster.calls.subList(before, cluster.calls.size()))
                .containsExactly(Call.SEND, Call.SEND, Call.OFFSETS, Call.COMMIT);
        OffsetAndMetadata committed = cluster.committed.getOrDefault(FIRST, new OffsetAndMetadata(0));
        assertThat(LedgerCodec.decode(committed.offset(), committed.metadata()))
                .isEqualTo(new FinishedOffsets(1, 2, new long[] {1}));
    }

    /** Nobody's partition is committed under the generation of somebody else's. */
    @Test
    void whatThePredecessorFinishedIsSkipped() {
        FinishedOffsets finished = new FinishedOffsets(0, 3, new long[] {0, 2});
        cluster.committed.put(FIRST, new OffsetAndMetadata(0, String.valueOf(LedgerCodec.encode(finished))));
        assign(FIRST);
        turn();
        send(FIRST, 0, 1, 2, 3, 4);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(0), Samples.queueId(2), Samples.queueId(4));
    }

    @Test
    void aPartitionThatItsPredecessorHadFullIsReadOn() {
        long far = OwnedPartition.SPAN_LIMIT + 300;
        FinishedOffsets finished = new FinishedOffsets(0, far, new long[] {0});
        cluster.committed.put(FIRST, new OffsetAndMetadata(0, String.valueOf(LedgerCodec.encode(finished))));
        assign(FIRST);
        turn();
        assertThat(cluster.consumer.paused()).isEmpty();
        send(FIRST, 0);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(0));
        assertThat(cluster.consumer.position(FIRST))
                .as("what is finished is not read")
                .isEqualTo(far + 1);
    }

    @Test
    void oneSlowMailDoesNotStopItsPartition() {
        assign(FIRST);
        turn();
        send(FIRST, 0);
        turn();
        for (long offset = 1; offset < 1_000; offset++) {
            // Markers and finished mail leave the same gaps; a long way on in few records.
            send(FIRST, offset * 1_000);
            turn();
            dispatch.finish(Samples.queueId(offset * 1_000));
        }
        turn();
        turn();
        assertThat(cluster.consumer.paused()).isEmpty();
        assertThat(dispatch.open()).containsExactly(Samples.queueId(0));
        OffsetAndMetadata committed = cluster.committed.getOrDefault(FIRST, new OffsetAndMetadata(9));
        assertThat(LedgerCodec.decode(committed.offset(), committed.metadata()))
                .isEqualTo(new FinishedOffsets(0, 999_000, new long[] {0}));
    }

    @Test
    void aDeliveryForNobodyIsRejected() {
        assign(FIRST);
        turn();
        byte[] value = codec.encode(Samples.delivery(Samples.envelope(Samples.queueId(0))));
        cluster.consumer.addRecord(new ConsumerRecord<>(OUTBOUND, 0, 0, "b.test".getBytes(UTF_8), value));
        turn();
        turn();
        assertThat(dispatch.started).isEmpty();
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
        assertThat(cluster.written).anyMatch(record -> record.contains("rejected"));
    }

    @Test
    void anOutcomeThatCannotBeDescribedDoesNotHoldItsPartition() {
        assign(FIRST);
        turn();
        send(FIRST, 0);
        turn();
        Outcome wordless = new Outcome.Bounced(new LastReply(550, "5.0.0", null, null, 0L));
        dispatch.complete(
                ScriptedDispatch.completion(Samples.open(FIRST, 1, 0, Samples.recipient("a@b.test")), wordless));
        turn();
        turn();
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
        assertThat(cluster.written).anyMatch(record -> record.contains("\"event\":\"held\""));
    }

    @Test
    void unreadableMetadataMeansNothingIsFinished() {
        cluster.committed.put(FIRST, new OffsetAndMetadata(1, "set by hand"));
        assign(FIRST);
        turn();
        cluster.consumer.seek(FIRST, 1);
        send(FIRST, 1, 2);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(1), Samples.queueId(2));
    }

    @Test
    void aPartitionWithoutOffsetStopsThePoller() {
        cluster.committed.remove(FIRST);
        assign(FIRST);
        assertThatThrownBy(this::turn)
                .isInstanceOf(MissingOffsetException.class)
                .hasMessageContaining("p.outbound-0");
    }

    @Test
    void aSchemaThatNobodyPublishedHoldsItsPartitionOnly() {
        assign(FIRST, SECOND);
        turn();
        byte[] value = codec.encode(Samples.delivery(Samples.envelope(Samples.queueId(0))));
        ByteBuffer.wrap(value).putLong(2, 42);
        cluster.consumer.addRecord(new ConsumerRecord<>(OUTBOUND, 0, 0, "b.test".getBytes(UTF_8), value));
        send(SECOND, 5);
        turn();
        assertThat(dispatch.started).containsExactly(Samples.queueId(5));
        assertThat(cluster.consumer.position(FIRST)).isZero();
        Road.await(() -> lessons.get() == 1);
        for (int i = 0; i < 20; i++) {
            turn();
            cluster.consumer.addRecord(new ConsumerRecord<>(OUTBOUND, 0, 0, "b.test".getBytes(UTF_8), value));
        }
        assertThat(cluster.consumer.paused()).as("waits before it asks again").containsExactly(FIRST);
        assertThat(lessons.get()).isLessThanOrEqualTo(2);
        assertThat(cluster.mark(FIRST)).isZero();
        assertThat(cluster.written).noneMatch(record -> record.contains("rejected"));
    }

    @Test
    void aNodeWhoseOctetsAreUsedUpPausesAndAsksForRelief() {
        assign(FIRST);
        turn();
        for (int offset = 0; offset < 1_500; offset++) {
            send(FIRST, offset);
        }
        turn();
        assertThat(cluster.consumer.paused()).containsExactly(FIRST);
        for (int i = 0; i < 200 && dispatch.reliefs() == 0; i++) {
            turn();
        }
        assertThat(dispatch.reliefs()).isPositive();
        Set.copyOf(dispatch.open()).forEach(dispatch::finish);
        turn();
        turn();
        assertThat(cluster.consumer.paused()).isEmpty();
        assertThat(cluster.mark(FIRST)).isEqualTo(1_500);
    }

    @Test
    void aCommitSettlesWhatWasSentBeforeItsBatchWasTaken() {
        assign(FIRST);
        turn();
        long now = clock.nanoTime();
        while (lease.permitsDot(now)) {
            now = clock.nanoTime();
        }
        long before = lease.sent();
        cluster.faults(call -> {
            // The event loops, while the poller waits.
            boolean permitted = call == Call.COMMIT && lease.permitsDot(clock.nanoTime());
            assertThat(permitted).isFalse();
            return Optional.empty();
        });
        turnWithoutTime();
        cluster.faults(call -> Optional.empty());
        int dots = 0;
        while (lease.permitsDot(clock.nanoTime())) {
            dots++;
        }
        assertThat(dots).as("twice as many as before").isEqualTo((int) (2 * before));
    }

    @Test
    void aFrozenNodeHoldsNoLeaseWhenItWakes() {
        assign(FIRST);
        turn();
        assertThat(lease.isHeld(clock.nanoTime())).isTrue();
        clock.advance(Duration.ofSeconds(10));
        assertThat(lease.isHeld(clock.nanoTime())).isFalse();
    }
}
