package org.postroad.deliverer.commit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.postroad.deliverer.commit.OutcomeWriter.Progress.COMMITTED;
import static org.postroad.deliverer.commit.OutcomeWriter.Progress.NOTHING;
import static org.postroad.deliverer.commit.OutcomeWriter.Progress.WAITING;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.SuppliedTicker;
import org.postroad.deliverer.commit.FaultyCluster.Call;
import org.postroad.deliverer.commit.FaultyCluster.Fault;

class OutcomeWriterTest {
    private static final TopicPartition FIRST = new TopicPartition("outbound", 0);
    private static final TopicPartition SECOND = new TopicPartition("outbound", 1);

    /** Between two looks at the clock: longer than any pause. */
    private static final long STEP = 2_000_000_000L;

    private final FaultyCluster cluster = new FaultyCluster();
    private final Set<TopicPartition> lost = new HashSet<>();
    private long nanos;
    private final OutcomeWriter writer = new OutcomeWriter(
            cluster.producers,
            cluster.consumer,
            cluster.consumer::groupMetadata,
            share -> !lost.contains(share.partition()),
            new SuppliedTicker(() -> nanos += STEP));

    @Test
    void oneBurstCommitsRecordsAndOffsets() {
        assertThat(writer.write(batch(share(FIRST, 5), share(SECOND, 7)))).isEqualTo(COMMITTED);
        assertThat(cluster.written).containsExactlyInAnyOrder("outbound-0/5", "outbound-1/7");
        assertThat(cluster.mark(FIRST)).isEqualTo(6);
        assertThat(writer.isPending()).isFalse();
    }

    @Test
    void theLeaseIsRenewedFromTheBeginOfTheBurst() {
        nanos = 41;
        writer.write(batch(share(FIRST, 5)));
        assertThat(writer.begunNanos()).isEqualTo(41 + STEP);
    }

    @Test
    void aCommitThatTimedOutIsRepeatedAndNeverAborted() {
        cluster.once(Call.COMMIT, new TimeoutException("slow"), false);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.isPending()).isTrue();
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.written).containsExactly("outbound-0/5");
        assertThat(cluster.calls).doesNotContain(Call.ABORT);
        assertThat(cluster.producers.made).isEqualTo(1);
    }

    @Test
    void aCommitThatTimedOutButHappenedIsNotWrittenTwice() {
        cluster.once(Call.COMMIT, new TimeoutException("slow"), true);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.written).containsExactly("outbound-0/5");
    }

    /** Kafka answers each call after five seconds, and the producer gives each call a fifth of one. */
    @Test
    void aSlowCommitIsAwaitedAndNothingIsAborted() {
        long[] now = {0};
        OutcomeWriter patient = onClock(now);
        int[] asked = {0};
        cluster.faults(call -> {
            boolean waits = call == Call.INIT || call == Call.OFFSETS || call == Call.COMMIT;
            boolean answered = call == Call.OFFSETS || ++asked[0] % 20 == 0;
            now[0] += 200_000_000L;
            return waits && !answered ? Optional.of(new Fault(new TimeoutException("slow"), false)) : Optional.empty();
        });
        assertThat(proceeding(patient, patient.write(batch(share(FIRST, 5))), now))
                .isEqualTo(COMMITTED);
        assertThat(cluster.calls).doesNotContain(Call.ABORT);
        assertThat(cluster.producers.made).isEqualTo(1);
        assertThat(cluster.written).containsExactly("outbound-0/5");
        assertThat(cluster.mark(FIRST)).isEqualTo(6);
        assertThat(now[0] - patient.begunNanos()).as("no pause is added").isLessThan(6_000_000_000L);
    }

    @Test
    void aKafkaTooSlowForTheLimitsGetsLongerOnes() {
        long[] now = {0};
        OutcomeWriter patient = onClock(now);
        cluster.faults(call -> {
            now[0] += 1_000_000_000L;
            boolean tooSlow = call == Call.COMMIT && cluster.producers.made < 5;
            return tooSlow ? Optional.of(new Fault(new TimeoutException("slow"), false)) : Optional.empty();
        });
        proceeding(patient, patient.write(batch(share(FIRST, 5))), now);
        assertThat(cluster.written).containsExactly("outbound-0/5");
        List<Duration> longer = List.of(
                Duration.ofSeconds(10),
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60));
        assertThat(cluster.producers.limits).containsExactlyElementsOf(longer);

        cluster.faults(call -> Optional.empty());
        patient.write(batch(share(FIRST, 6)));
        patient.write(batch(share(FIRST, 7)));
        assertThat(cluster.written).containsExactly("outbound-0/5", "outbound-0/6", "outbound-0/7");
        assertThat(cluster.producers.limits)
                .as("a long limit is for slow times")
                .hasSize(longer.size() + 1)
                .endsWith(Duration.ofSeconds(10));
    }

    @Test
    void aLimitGrowsBeforeItIsTooShort() {
        long[] now = {0};
        OutcomeWriter patient = onClock(now);
        cluster.faults(call -> {
            now[0] += call == Call.COMMIT ? 6_000_000_000L : 0;
            return Optional.empty();
        });
        for (int offset = 5; offset < 9; offset++) {
            assertThat(patient.write(batch(share(FIRST, offset)))).isEqualTo(COMMITTED);
        }
        assertThat(cluster.written).hasSize(4);
        assertThat(cluster.producers.limits).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(20));
        assertThat(cluster.calls).doesNotContain(Call.ABORT);
    }

    @Test
    void aClusterThatForbidsLongerLimitsKeepsTheFirst() {
        long[] now = {0};
        OutcomeWriter patient = onClock(now);
        cluster.faults(call -> {
            now[0] += 1_000_000_000L;
            boolean tooSlow = call == Call.COMMIT && cluster.producers.made < 5;
            int limits = cluster.producers.limits.size();
            boolean tooLong = call == Call.INIT
                    && cluster.producers.limits.get(limits - 1).compareTo(Duration.ofSeconds(15)) > 0;
            return tooSlow
                    ? Optional.of(new Fault(new TimeoutException("slow"), false))
                    : tooLong
                            ? Optional.of(new Fault(new InvalidTxnTimeoutException("too long"), false))
                            : Optional.empty();
        });
        proceeding(patient, patient.write(batch(share(FIRST, 5))), now);
        assertThat(cluster.written).containsExactly("outbound-0/5");
        assertThat(cluster.producers.limits)
                .filteredOn(limit -> limit.equals(Duration.ofSeconds(20)))
                .hasSize(1);
    }

    private OutcomeWriter onClock(long[] now) {
        return new OutcomeWriter(
                cluster.producers,
                cluster.consumer,
                cluster.consumer::groupMetadata,
                share -> true,
                new SuppliedTicker(() -> now[0]));
    }

    private static OutcomeWriter.Progress proceeding(OutcomeWriter writer, OutcomeWriter.Progress first, long[] now) {
        OutcomeWriter.Progress progress = first;
        while (progress == WAITING) {
            now[0] += 10_000_000L;
            progress = writer.proceed();
        }
        return progress;
    }

    @Test
    void afterAnAbortTheSameBatchIsSentAgain() {
        cluster.once(Call.OFFSETS, new CommitFailedException("old generation"), false);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.calls)
                .containsExactly(Call.INIT, Call.SEND, Call.OFFSETS, Call.ABORT, Call.SEND, Call.OFFSETS, Call.COMMIT);
        assertThat(cluster.written).containsExactly("outbound-0/5");
    }

    @Test
    void aRecordThatCouldNotBeWrittenAbortsItsBatchOnly() {
        cluster.once(Call.COMMIT, new KafkaException("in an error state"), false);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.producers.made).isEqualTo(1);
        assertThat(cluster.written).containsExactly("outbound-0/5");
    }

    @Test
    void partitionsLostMeanwhileAreDroppedFromTheBatch() {
        cluster.once(Call.OFFSETS, new CommitFailedException("old generation"), false);
        writer.write(batch(share(FIRST, 5), share(SECOND, 7)));
        lost.add(FIRST);
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.written).containsExactly("outbound-1/7");
        assertThat(cluster.committed).doesNotContainKey(FIRST);
    }

    @Test
    void aBatchOfLostPartitionsIsForgotten() {
        cluster.once(Call.OFFSETS, new CommitFailedException("unknown member"), false);
        writer.write(batch(share(FIRST, 5)));
        lost.add(FIRST);
        assertThat(writer.proceed()).isEqualTo(NOTHING);
        assertThat(cluster.written).isEmpty();
        assertThat(writer.isPending()).isFalse();
    }

    @Test
    void afterAFenceTheCommittedOffsetsTellThatNothingWasWritten() {
        cluster.once(Call.COMMIT, new ProducerFencedException("another one"), false);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(COMMITTED);
        assertThat(cluster.producers.made).isEqualTo(2);
        assertThat(cluster.written).containsExactly("outbound-0/5");
    }

    @Test
    void aCommitInDoubtThatWasWrittenIsNotRepeated() {
        cluster.once(Call.COMMIT, new InvalidProducerEpochException("timed out by the coordinator"), true);
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(NOTHING);
        assertThat(cluster.written).containsExactly("outbound-0/5");
        assertThat(writer.isPending()).isFalse();
    }

    @Test
    void aCommitInDoubtIsFoundWrittenByItsLedgerAboveTheMark() {
        OffsetLedger ledger = new OffsetLedger(FinishedOffsets.below(5));
        ledger.open(5);
        ledger.open(6);
        ledger.done(6);
        String metadata = Objects.requireNonNull(LedgerCodec.encode(ledger.snapshot()));
        OutcomeBatch.Share share =
                new OutcomeBatch.Share(FIRST, 1, new OffsetAndMetadata(5, metadata), List.of(row(FIRST, 6)));
        cluster.once(Call.COMMIT, new ProducerFencedException("another one"), true);
        writer.write(batch(share));
        assertThat(writer.proceed()).isEqualTo(NOTHING);
        assertThat(cluster.written).containsExactly("outbound-0/6");
    }

    @Test
    void whatWasNeverAllowedEndsAtOnce() {
        cluster.faults(call -> Optional.of(new Fault(new TransactionalIdAuthorizationException("no"), false)));
        assertThatThrownBy(() -> writer.write(batch(share(FIRST, 5))))
                .isInstanceOf(TransactionalIdAuthorizationException.class);
        assertThat(writer.isPending()).as("nothing is left to wait for").isFalse();
        assertThat(writer.write(batch(share(FIRST, 6)))).isEqualTo(NOTHING);
        assertThat(cluster.producers.made).isEqualTo(1);
    }

    /** What was delivered before it was withdrawn would be delivered again, so an operator has time to put it back. */
    @Test
    void aRightThatIsWithdrawnIsWaitedForHalfAMinute() {
        long[] now = {0};
        OutcomeWriter refused = onClock(now);
        KafkaException noWrite = new KafkaException("in an error state", new TopicAuthorizationException("failed"));
        for (int i = 1; i <= 3; i++) {
            assertThat(refused.write(batch(share(FIRST, 2L * i)))).isEqualTo(COMMITTED);
            cluster.faults(call -> call == Call.COMMIT ? Optional.of(new Fault(noWrite, false)) : Optional.empty());
            assertThat(refused.write(batch(share(FIRST, 2L * i + 1)))).isEqualTo(WAITING);
            for (long until = now[0] + 29_000_000_000L; now[0] < until; now[0] += 5_000_000) {
                assertThat(refused.proceed()).isEqualTo(WAITING);
            }
            cluster.faults(call -> Optional.empty());
            now[0] += 1_000_000_000L;
            assertThat(refused.proceed()).as("it was put back").isEqualTo(COMMITTED);
        }
        assertThat(cluster.written).hasSize(6);
        cluster.faults(call -> call == Call.COMMIT ? Optional.of(new Fault(noWrite, false)) : Optional.empty());
        refused.write(batch(share(FIRST, 9)));
        now[0] += 31_000_000_000L;
        assertThatThrownBy(refused::proceed).isSameAs(noWrite);
    }

    /** Fenced for a minute, asked every 5 ms. */
    @Test
    void whatFailsOnAndOnIsTriedOnceASecond() {
        long[] now = {0};
        OutcomeWriter unwelcome = onClock(now);
        cluster.faults(call -> Optional.of(new Fault(new ProducerFencedException("again and again"), false)));
        unwelcome.write(batch(share(FIRST, 5)));
        unwelcome.proceed();
        assertThat(cluster.producers.made).as("the second try is at once").isEqualTo(2);
        for (; now[0] < 60_000_000_000L; now[0] += 5_000_000) {
            assertThat(unwelcome.proceed()).isEqualTo(WAITING);
        }
        assertThat(cluster.producers.made).isBetween(60, 70);
        cluster.faults(call -> Optional.empty());
        now[0] += 1_000_000_000L;
        assertThat(unwelcome.proceed()).isEqualTo(COMMITTED);
    }

    @Test
    void anAbortThatIsRefusedLeavesTheBatchInDoubt() {
        List<RuntimeException> answers = new ArrayList<>(List.of(new KafkaException("fatal after all")));
        cluster.faults(call -> switch (call) {
            case COMMIT ->
                cluster.producers.made == 1
                        ? Optional.of(new Fault(new KafkaException("unknown"), true))
                        : Optional.empty();
            case ABORT -> answers.isEmpty() ? Optional.empty() : Optional.of(new Fault(answers.remove(0), false));
            default -> Optional.empty();
        });
        assertThat(writer.write(batch(share(FIRST, 5)))).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(WAITING);
        assertThat(writer.proceed()).isEqualTo(NOTHING);
        assertThat(cluster.written).containsExactly("outbound-0/5");
    }

    /** Whatever fails, before or after it took effect, each outcome is written once and each partition ends finished. */
    @RepeatedTest(200)
    void everyOutcomeIsWrittenExactlyOnce(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        cluster.faults(call -> random.nextInt(3) > 0 ? Optional.empty() : Optional.of(fault(random)));
        OffsetLedger ledger = new OffsetLedger(FinishedOffsets.below(0));
        List<Integer> open = new ArrayList<>(IntStream.range(0, 60).boxed().toList());
        open.forEach(offset -> ledger.open(offset));
        while (!open.isEmpty() || writer.isPending()) {
            if (writer.isPending()) {
                writer.proceed();
                assertNothingUnfinishedIsCommitted(open);
                continue;
            }
            List<OutcomeBatch.Row> rows = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0 && !open.isEmpty(); i--) {
                int offset = open.remove(random.nextInt(open.size()));
                ledger.done(offset);
                rows.add(row(FIRST, offset));
            }
            FinishedOffsets snapshot = ledger.snapshot();
            String metadata = Objects.requireNonNull(LedgerCodec.encode(snapshot));
            writer.write(
                    batch(new OutcomeBatch.Share(FIRST, 1, new OffsetAndMetadata(snapshot.mark(), metadata), rows)));
        }
        assertThat(cluster.written).doesNotHaveDuplicates().hasSize(60);
        assertThat(cluster.mark(FIRST)).isEqualTo(60);
    }

    private void assertNothingUnfinishedIsCommitted(List<Integer> open) {
        OffsetAndMetadata offset = cluster.committed.get(FIRST);
        if (offset != null) {
            FinishedOffsets finished = Objects.requireNonNull(LedgerCodec.decode(offset.offset(), offset.metadata()));
            assertThat(open).noneMatch(finished::isFinished);
            assertThat(cluster.written)
                    .allMatch(name -> finished.isFinished(Long.parseLong(name.substring(name.indexOf('/') + 1))));
        }
    }

    private static Fault fault(Random random) {
        boolean takesEffect = random.nextBoolean();
        return switch (random.nextInt(4)) {
            case 0 -> new Fault(new ProducerFencedException("fenced"), takesEffect);
            case 1 -> new Fault(new InvalidProducerEpochException("epoch"), takesEffect);
            case 2 -> new Fault(new KafkaException("abortable"), false);
            default -> new Fault(new TimeoutException("slow"), takesEffect);
        };
    }

    private static OutcomeBatch batch(OutcomeBatch.Share... shares) {
        return new OutcomeBatch(List.of(shares));
    }

    private static OutcomeBatch.Share share(TopicPartition partition, long offset) {
        return new OutcomeBatch.Share(partition, 1, new OffsetAndMetadata(offset + 1), List.of(row(partition, offset)));
    }

    private static OutcomeBatch.Row row(TopicPartition partition, long offset) {
        byte[] value = (partition + "/" + offset).getBytes(UTF_8);
        return new OutcomeBatch.Row(offset, List.of(new ProducerRecord<>("events", value)));
    }
}
