package org.postroad.deliverer.commit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a cluster knows of one transactional id and one group, made of Kafka's own mock clients, with a fault at any call.
 *
 * <p>What a transaction wrote is there when its commit took effect, whatever its producer was told.
 */
public final class FaultyCluster {
    /** A call that a fault can hit. */
    public enum Call {
        INIT,
        SEND,
        OFFSETS,
        COMMIT,
        ABORT
    }

    /**
     * What a call meets.
     *
     * @param takesEffect whether the cluster did it all the same
     */
    public record Fault(RuntimeException answer, boolean takesEffect) {}

    public final List<String> written = new ArrayList<>();
    public final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    public final List<Call> calls = new ArrayList<>();
    public final MockConsumer<byte[], byte[]> consumer = new CommittedReader();
    public final MockConsumer<byte[], byte[]> member = new GroupMember();
    public final List<String> committedUnder = new ArrayList<>();
    public int generation = 1;
    public final TestProducers producers = new TestProducers();
    private Function<Call, Optional<Fault>> faults = call -> Optional.empty();

    public void faults(Function<Call, Optional<Fault>> source) {
        faults = source;
    }

    /** The committed offset; -1 for none. */
    public long mark(TopicPartition partition) {
        OffsetAndMetadata offset = committed.get(partition);
        return offset == null ? -1 : offset.offset();
    }

    /** The next such call meets this fault, later ones none. */
    void once(Call when, RuntimeException answer, boolean takesEffect) {
        List<Fault> left = new ArrayList<>(List.of(new Fault(answer, takesEffect)));
        faults(call -> call == when && !left.isEmpty() ? Optional.of(left.remove(0)) : Optional.empty());
    }

    /** Hands out one producer after another, fencing the one before. */
    final class TestProducers implements Function<Duration, Producer<byte[], byte[]>> {
        final List<Duration> limits = new ArrayList<>();
        int made;

        @Override
        public Producer<byte[], byte[]> apply(Duration limit) {
            made++;
            limits.add(limit);
            return new TestProducer();
        }
    }

    private void call(Call call, Runnable effect) {
        calls.add(call);
        Optional<Fault> fault = faults.apply(call);
        // Offsets whose answer is late stay with the producer, which ends no transaction before it has that answer.
        boolean isOnlyLate = call == Call.OFFSETS
                && fault.filter(met -> met.answer() instanceof TimeoutException).isPresent();
        if (fault.isEmpty() || fault.get().takesEffect() || isOnlyLate) {
            effect.run();
        }
        fault.ifPresent(met -> {
            throw met.answer();
        });
    }

    private final class TestProducer extends MockProducer<byte[], byte[]> {
        private boolean ended;

        TestProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void initTransactions() {
            call(Call.INIT, () -> {
                if (!transactionInitialized()) {
                    super.initTransactions();
                }
            });
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
            call(Call.SEND, () -> {
                var unused = super.send(record);
            });
            return new CompletableFuture<>();
        }

        @Override
        public void beginTransaction() {
            ended = false;
            super.beginTransaction();
        }

        @Override
        public void sendOffsetsToTransaction(
                Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
            committedUnder.add("generation " + group.generationId() + " of " + offsets.keySet());
            call(Call.OFFSETS, () -> super.sendOffsetsToTransaction(offsets, group));
        }

        @Override
        public void commitTransaction() {
            call(
                    Call.COMMIT,
                    () -> end(() -> {
                        uncommittedRecords()
                                .forEach(record -> written.add(
                                        new String(record.value(), java.nio.charset.StandardCharsets.UTF_8)));
                        uncommittedOffsets().values().forEach(committed::putAll);
                        super.commitTransaction();
                    }));
        }

        @Override
        public void abortTransaction() {
            call(Call.ABORT, () -> end(super::abortTransaction));
        }

        /** A repeated commit or abort finds the first one done. */
        private void end(Runnable how) {
            if (!ended) {
                how.run();
                ended = true;
            }
        }
    }

    private final class CommittedReader extends MockConsumer<byte[], byte[]> {
        CommittedReader() {
            super("none");
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
                Set<TopicPartition> partitions, Duration limit) {
            Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>(committed);
            found.keySet().retainAll(partitions);
            return found;
        }
    }

    private final class GroupMember extends MockConsumer<byte[], byte[]> {
        GroupMember() {
            super("none");
        }

        @Override
        @SuppressWarnings("removal") // otherwise only a consumer that has joined a group gives one
        public ConsumerGroupMetadata groupMetadata() {
            return new ConsumerGroupMetadata("group", generation, "member", Optional.empty());
        }
    }
}
