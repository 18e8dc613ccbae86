package org.postroad.deliverer.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Road;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.ScriptedDispatch;
import org.postroad.deliverer.commit.FaultyCluster.Call;
import org.postroad.deliverer.commit.FaultyCluster.Fault;
import org.postroad.deliverer.commit.FinishedOffsets;
import org.postroad.deliverer.commit.LedgerCodec;

/** What becomes of mail whose partition leaves this node, or is lost. */
class DeparturesTest extends MockedPoller {
    @Test
    void lateCompletionsOfLostPartitionsAreDropped() {
        assign(FIRST, SECOND);
        turn();
        send(FIRST, 0, 1);
        send(SECOND, 10);
        turn();
        dispatch.finish(Samples.queueId(0));
        turnWithoutTime();
        membership.onPartitionsLost(List.of(FIRST));
        // A held delivery came back at the revocation, another was collected and not yet committed.
        clock.advance(TICK);
        dispatch.finish(Samples.queueId(10));
        turnWithoutTime();
        clock.advance(TICK);
        turnWithoutTime();
        assertThat(cluster.mark(FIRST)).isZero();
        assertThat(cluster.written).singleElement().asString().contains(Samples.queueId(10));
        assertThat(metric("postroad_deliverer_dropped_completions_total")).isEqualTo(1);
    }

    @Test
    void aCompletionOfAnEarlierAssignmentIsDroppedThoughThePartitionIsBack() {
        assign(FIRST);
        turn();
        membership.onPartitionsLost(List.of(FIRST));
        turn();
        assertThat(lease.isHeld(clock.nanoTime())).isFalse();
        membership.onPartitionsAssigned(List.of(FIRST));
        turn();
        send(FIRST, 0);
        turn();
        assertThat(dispatch.open()).hasSize(1);
        dispatch.complete(ScriptedDispatch.completion(
                Samples.open(FIRST, 1, 0, Samples.recipient("a@b.test")), ScriptedDispatch.DELIVERED));
        turn();
        turn();
        assertThat(cluster.mark(FIRST)).isZero();
        assertThat(metric("postroad_deliverer_dropped_completions_total")).isEqualTo(1);
        dispatch.finish(Samples.queueId(0));
        turn();
        turn();
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
    }

    @Test
    void aRevokedPartitionIsDrainedAndCommittedBeforeItLeaves() {
        assign(FIRST);
        turn();
        send(FIRST, 0, 1);
        turn();
        dispatch.finish(Samples.queueId(1));
        turnUntilDone(revoke(FIRST));
        OffsetAndMetadata committed = cluster.committed.getOrDefault(FIRST, new OffsetAndMetadata(9));
        assertThat(LedgerCodec.decode(committed.offset(), committed.metadata()))
                .isEqualTo(new FinishedOffsets(0, 1, new long[] {0}));
        assertThat(dispatch.open()).isEmpty();
        assertThat(lease.isHeld(clock.nanoTime())).isFalse();
    }

    @Test
    void whatStaysGoesOnWhileASlowDotLeaves() {
        dispatch.crossDots();
        assign(FIRST, SECOND);
        turn();
        send(FIRST, 0);
        turn();
        CompletableFuture<Void> callback = revoke(FIRST);
        Road.await(() -> {
            turn();
            return !dispatch.revoked.isEmpty();
        });
        for (int i = 0; i < 100; i++) {
            send(SECOND, i + 1);
            turn();
            dispatch.finish(Samples.queueId(i + 1));
            assertThat(cluster.consumer.assignment()).containsExactly(SECOND);
            assertThat(lease.isHeld(clock.nanoTime())).isTrue();
        }
        turn();
        turn();
        assertThat(cluster.written).hasSize(100);
        assertThat(callback).isNotDone();

        dispatch.finish(Samples.queueId(0));
        turnUntilDone(callback);
        assertThat(cluster.mark(FIRST)).as("committed before it left").isEqualTo(1);
    }

    @Test
    void aPartitionThatDoesNotDrainLeavesAtTheLimitInDoubt() {
        dispatch.crossDots();
        assign(FIRST, SECOND);
        turn();
        send(FIRST, 0);
        turn();
        CompletableFuture<Void> callback = revoke(FIRST);
        Road.await(() -> {
            turn();
            return !dispatch.revoked.isEmpty();
        });
        clock.advance(Duration.ofSeconds(59));
        turn();
        assertThat(dispatch.open()).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        turnUntilDone(callback);
        assertThat(dispatch.open()).isEmpty();
        assertThat(cluster.mark(FIRST)).isEqualTo(1);
        assertThat(cluster.written).anyMatch(record -> record.contains("\"inDoubt\":true"));
    }

    @Test
    void aPartitionThatCannotCommitLeavesAllTheSame() {
        assign(FIRST);
        turn();
        send(FIRST, 0);
        turn();
        cluster.faults(call ->
                call == Call.COMMIT ? Optional.of(new Fault(new KafkaException("refused"), false)) : Optional.empty());
        dispatch.finish(Samples.queueId(0));
        turn();
        CompletableFuture<Void> callback = revoke(FIRST);
        Road.await(() -> {
            turn();
            return !dispatch.revoked.isEmpty();
        });
        clock.advance(Departures.LAST_COMMIT_LIMIT.minus(TICK.multipliedBy(5)));
        turn();
        assertThat(callback).isNotDone();
        clock.advance(TICK.multipliedBy(5));
        turnUntilDone(callback);
        cluster.faults(call -> Optional.empty());
        turn();
        assertThat(cluster.written).as("it is another node's now").isEmpty();
        assertThat(cluster.mark(FIRST)).isZero();
    }

    @Test
    void whatLeavesAndComesBackIsReadFromWhereTheGroupIs() {
        assign(FIRST, SECOND);
        turn();
        send(FIRST, 0, 1);
        turn();
        turnUntilDone(revoke(FIRST));
        cluster.committed.put(FIRST, new OffsetAndMetadata(1));
        membership.onPartitionsAssigned(List.of(FIRST));
        turn();
        turn();
        assertThat(cluster.consumer.position(FIRST)).isEqualTo(1);
        send(FIRST, 1, 2);
        turn();
        assertThat(dispatch.started)
                .containsExactly(Samples.queueId(0), Samples.queueId(1), Samples.queueId(1), Samples.queueId(2));
    }

    @Test
    void theGenerationChangesTogetherWithTheOwnership() {
        assign(FIRST, SECOND);
        turn();
        send(FIRST, 0);
        send(SECOND, 1);
        turn();
        dispatch.finish(Samples.queueId(0));
        dispatch.finish(Samples.queueId(1));
        membership.onPartitionsLost(List.of(FIRST, SECOND));
        cluster.generation = 2;
        membership.onPartitionsAssigned(List.of(SECOND));
        cluster.committedUnder.clear();
        turn();
        turn();
        turn();
        assertThat(cluster.committedUnder).isNotEmpty().allMatch("generation 2 of [p.outbound-1]"::equals);
        assertThat(cluster.written).isEmpty();
        assertThat(cluster.mark(FIRST)).isZero();
    }
}
