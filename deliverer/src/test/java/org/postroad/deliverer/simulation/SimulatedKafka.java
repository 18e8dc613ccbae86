package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Topics;

/** The brokers as clients find them: the log, the groups, the coordinators of transactions, and what goes wrong on the way there. */
final class SimulatedKafka {
    /** What becomes of a commit. */
    enum Fault {
        NONE,
        LATE,
        REFUSED,
        FENCED,
        IN_DOUBT;

        static final List<Fault> ALL = List.of(values());
    }

    /** How Kafka is for one node. */
    final class Client {
        private boolean cut;
        private double unwell;
        private final Set<SimulatedProducer.Coordinator> pending = new HashSet<>();
        private long troubledAt = Long.MIN_VALUE / 2;

        /** Nothing gets through, or everything again. */
        void cut(boolean yes) {
            cut = yes;
            troubledAt = world.now();
        }

        boolean isCut() {
            return cut;
        }

        /** Whether a transaction of it has begun and is not known to have ended. */
        boolean isPending() {
            return !pending.isEmpty();
        }

        void begun(SimulatedProducer.Coordinator transaction) {
            pending.add(transaction);
        }

        void ended(SimulatedProducer.Coordinator transaction) {
            pending.remove(transaction);
        }

        /** How many of a hundred commits go wrong. */
        void unwell(int percent) {
            unwell = percent / 100.0;
            troubledAt = world.now();
        }

        /** Whether it has been well for a while. */
        boolean isWell() {
            return !cut
                    && unwell == 0
                    && world.now() - troubledAt > Duration.ofMinutes(2).toNanos();
        }

        void call() {
            if (cut || isLate()) {
                throw new TimeoutException("Kafka does not answer");
            }
        }

        boolean isLate() {
            return cut || unwell > 0 && chance.nextDouble() < unwell / 2;
        }

        Fault fault() {
            if (unwell == 0 || chance.nextDouble() >= unwell) {
                return Fault.NONE;
            }
            return chance.nextInt(3) > 0 ? Fault.LATE : Fault.ALL.get(chance.nextInt(Fault.ALL.size()));
        }
    }

    private static final String RECOVERED = RecoveryNotice.key("");

    final World world;
    final SimulatedLog log;
    final Topics topics;
    final SimulatedGroup deliverers;
    final SimulatedGroup retriers;
    private final Books books;
    private final SplittableRandom chance;
    private final Map<String, SimulatedProducer.Coordinator> coordinators = new HashMap<>();
    private Runnable appended = () -> {};

    /** @param isAnyHeld whether the readers of waiting mail have held mail, too */
    SimulatedKafka(World world, Topics topics, SimulatedLog log, Books books, boolean isAnyHeld) {
        this.world = world;
        this.topics = topics;
        this.log = log;
        this.books = books;
        this.chance = world.chance();
        this.deliverers =
                new SimulatedGroup(world, log.partitionsOf(topics.outbound().name()));
        List<TopicPartition> waiting = new ArrayList<>();
        topics.retries().forEach(tier -> waiting.addAll(log.partitionsOf(tier.name())));
        if (isAnyHeld) {
            waiting.addAll(log.partitionsOf(topics.held().name()));
        }
        this.retriers = new SimulatedGroup(world, waiting);
    }

    /** Who hears of new records. */
    void whenAppended(Runnable hears) {
        appended = hears;
    }

    void appended() {
        appended.run();
    }

    SimulatedProducer.Coordinator coordinator(String transactionalId) {
        return coordinators.computeIfAbsent(transactionalId, id -> new SimulatedProducer.Coordinator());
    }

    /** What everybody may hear, without a transaction. */
    void said(ProducerRecord<byte[], byte[]> record) {
        log.append(record);
        String key = new String(record.key(), UTF_8);
        if (record.value() != null && key.startsWith(RECOVERED)) {
            books.recovered(key.substring(RECOVERED.length()));
        }
        appended();
    }

    int pick(int below) {
        return chance.nextInt(below);
    }

    /** Milliseconds at random, as nanoseconds. */
    long between(int least, int most) {
        return 1_000_000L * (least + chance.nextInt(most - least + 1));
    }

    /** A transaction takes effect, once, if its offsets are taken. */
    void effect(SimulatedProducer.Transaction transaction, SimulatedGroup members) {
        if (transaction.done || transaction.aborted || transaction.refused) {
            return;
        }
        if (transaction.group != null && !members.accepts(transaction.group)) {
            transaction.refused = true;
            return;
        }
        transaction.done = true;
        books.commit(transaction.offsets, transaction.records);
        appended();
    }
}
