package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A transactional producer: every call may be late, fail, or do what it was asked and not say so. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // one thread runs all of the simulation
final class SimulatedProducer extends MockProducer<byte[], byte[]> {
    /** The coordinator of one transactional id; it outlives the producers. */
    static final class Coordinator {
        private int epoch;
        private @Nullable Transaction last;
    }

    /** One transaction, from its begin on. */
    static final class Transaction {
        final long begunAt;
        final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();

        @Nullable
        ConsumerGroupMetadata group;

        boolean refused;
        boolean asked;
        boolean done;
        boolean aborted;
        long effectAt;
        long answerAt;

        Transaction(long begunAt) {
            this.begunAt = begunAt;
        }
    }

    private final SimulatedKafka kafka;
    private final SimulatedKafka.Client client;
    private final Coordinator coordinator;
    private final SimulatedGroup members;
    private final Duration limit;
    private final LongConsumer committed;
    private int epoch;
    private Transaction current;

    SimulatedProducer(
            SimulatedKafka kafka,
            SimulatedKafka.Client client,
            Coordinator coordinator,
            SimulatedGroup members,
            Duration limit,
            LongConsumer committed) {
        super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        this.kafka = kafka;
        this.client = client;
        this.coordinator = coordinator;
        this.members = members;
        this.limit = limit;
        this.committed = committed;
        this.current = new Transaction(0);
    }

    @Override
    public void initTransactions() {
        client.call();
        Transaction left = coordinator.last;
        if (left != null && !left.done && !left.aborted) {
            if (left.asked && kafka.world.now() >= left.effectAt) {
                kafka.effect(left, members); // its commit had been prepared
            } else {
                left.aborted = true;
            }
        }
        epoch = ++coordinator.epoch;
        client.ended(coordinator);
    }

    @Override
    public void beginTransaction() {
        requireOwn();
        current = new Transaction(kafka.world.now());
        coordinator.last = current;
        client.begun(coordinator);
    }

    private void requireOwn() {
        if (epoch != coordinator.epoch) {
            throw new ProducerFencedException("another producer has its id");
        }
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        current.records.add(record);
        return new CompletableFuture<>();
    }

    @Override
    public void sendOffsetsToTransaction(Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        current.offsets.putAll(offsets);
        current.group = group;
        if (client.isLate()) {
            throw new TimeoutException("offsets are not answered yet");
        }
        requireOwn();
        if (!members.accepts(group)) {
            current.refused = true;
            throw new CommitFailedException("generation " + group.generationId());
        }
    }

    @Override
    public void commitTransaction() {
        Transaction now = current;
        long time = kafka.world.now();
        client.call();
        if (now.aborted || !now.done && time - now.begunAt > limit.toNanos() && !now.asked) {
            now.aborted = true;
            throw new InvalidProducerEpochException("its transaction took too long");
        }
        if (!now.done && !now.asked) {
            requireOwn();
            ask(now);
        }
        if (now.asked && !now.done && time >= now.effectAt) {
            kafka.effect(now, members);
        }
        if (now.refused) {
            throw new KafkaException("the offsets were refused");
        }
        if (!now.done || time < now.answerAt) {
            throw new TimeoutException("the commit is not answered yet");
        }
        client.ended(coordinator);
        committed.accept(now.begunAt);
    }

    private void ask(Transaction now) {
        SimulatedKafka.Fault fault = client.fault();
        long time = kafka.world.now();
        switch (fault) {
            case NONE -> {
                now.asked = true;
                now.effectAt = time;
                now.answerAt = time;
            }
            case LATE -> {
                now.asked = true;
                now.effectAt = time + kafka.between(1, 4_000);
                now.answerAt = now.effectAt + kafka.between(0, 2_000);
                kafka.world.at(now.effectAt, () -> kafka.effect(now, members));
            }
            case REFUSED -> throw new KafkaException("the brokers are unwell");
            case FENCED -> throw new ProducerFencedException("for no reason");
            case IN_DOUBT -> {
                now.asked = true;
                now.effectAt = time;
                kafka.effect(now, members);
                throw new InvalidProducerEpochException("the answer was lost");
            }
        }
    }

    @Override
    public void abortTransaction() {
        client.call();
        requireOwn();
        if (!current.done) {
            current.aborted = true;
        }
        client.ended(coordinator);
    }

    @Override
    public void close(Duration patience) {}

    @Override
    public void close() {}
}
