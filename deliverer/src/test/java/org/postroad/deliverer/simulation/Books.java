package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.FinishedOffsets;
import org.postroad.deliverer.commit.LedgerCodec;
import org.postroad.deliverer.retry.AlreadyLeft;
import org.postroad.deliverer.retry.JobShares;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/**
 * What is true of every transaction: the mail of the records that its offsets finish is the mail that its records carry on, each
 * recipient once. So nothing is lost, doubled or finished before its outcome is written.
 */
final class Books {
    private final World world;
    private final Topics topics;
    private final Mails mails;
    private final SimulatedLog log;
    private final Witness witness;
    private final Map<String, Long> recovered = new HashMap<>();
    private @Nullable Jobs jobs;
    private @Nullable HoldPolicies holds;

    Books(World world, Topics topics, Mails mails, SimulatedLog log, Witness witness) {
        this.world = world;
        this.topics = topics;
        this.mails = mails;
        this.log = log;
        this.witness = witness;
    }

    /** What an operator wants. */
    void jobs(Jobs wanted, HoldPolicies held) {
        jobs = wanted;
        holds = held;
    }

    /** A destination is said to have recovered, so that its mail may leave before it is due. */
    void recovered(String destination) {
        recovered.put(destination, world.now());
    }

    /** A transaction takes effect. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets, List<ProducerRecord<byte[], byte[]>> records) {
        List<String> consumed = new ArrayList<>();
        List<String> freed = new ArrayList<>();
        offsets.forEach((place, offset) -> consumed.addAll(finish(place, offset, freed)));
        List<String> produced = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            SimulatedLog.Entry entry = log.append(record);
            produced.addAll(entry.tokens);
            if (record.topic().equals(topics.held().name())) {
                entry.tokens.forEach(freed::remove);
            }
            look(record.topic(), entry);
        }
        if (!freed.isEmpty()) {
            witness.violation(freed + " was held and has left, although no job means it");
        }
        records.stream()
                .map(record -> log.placeOf(record.topic(), record.key()))
                .distinct()
                .forEach(log::mark);
        Collections.sort(consumed);
        Collections.sort(produced);
        if (!consumed.equals(produced)) {
            List<String> lost = new ArrayList<>(consumed);
            produced.forEach(lost::remove);
            List<String> doubled = new ArrayList<>(produced);
            consumed.forEach(doubled::remove);
            witness.violation("a transaction finishes " + lost + " without an outcome, and carries on " + doubled
                    + " that it does not finish");
        }
        if (!records.isEmpty()) {
            world.saw("committed " + produced);
        }
    }

    /** @param freed what nobody wants of held mail: it may change its place only */
    private List<String> finish(TopicPartition place, OffsetAndMetadata offset, List<String> freed) {
        SimulatedLog.Partition partition = log.partition(place);
        Predicate<SimulatedLog.Entry> says = says(place, offset);
        List<String> finished = new ArrayList<>();
        for (int i = partition.firstUnfinished; i < partition.entries.size(); i++) {
            SimulatedLog.Entry entry = partition.entries.get(i);
            boolean now = says.test(entry);
            if (entry.finished && !now) {
                witness.violation(place + "@" + entry.offset + " was finished and is not any more");
            } else if (now && !entry.finished) {
                entry.finished = true;
                finished.addAll(entry.tokens);
                if (place.topic().equals(topics.held().name())
                        && !Objects.requireNonNull(jobs).means(place, entry)) {
                    freed.addAll(entry.tokens);
                }
            }
        }
        if (offset.offset() < partition.committed.offset() || offset.offset() > partition.end) {
            witness.violation(place + " is set from " + partition.committed.offset() + " to " + offset.offset());
        }
        while (partition.firstUnfinished < partition.entries.size()
                && partition.entries.get(partition.firstUnfinished).finished) {
            partition.firstUnfinished++;
        }
        partition.committed = offset;
        return finished;
    }

    private Predicate<SimulatedLog.Entry> says(TopicPartition place, OffsetAndMetadata offset) {
        if (place.topic().equals(topics.outbound().name())) {
            FinishedOffsets finished = LedgerCodec.decode(offset.offset(), offset.metadata());
            if (finished == null) {
                throw new AssertionError("a ledger that cannot be read");
            }
            return entry -> finished.isFinished(entry.offset);
        }
        Jobs wanted = Objects.requireNonNull(jobs);
        wanted.said(place, JobShares.of(offset.offset(), offset.metadata(), wanted::issued));
        AlreadyLeft left = AlreadyLeft.of(offset.offset(), offset.metadata(), wanted::issued);
        return entry -> entry.offset < offset.offset() || hasLeft(left, place, entry);
    }

    private boolean hasLeft(AlreadyLeft left, TopicPartition place, SimulatedLog.Entry entry) {
        try {
            return left.has(SimulatedConsumer.record(place, entry), mails.reader);
        } catch (UnknownSchemaException e) {
            throw new AssertionError(e);
        }
    }

    private void look(String topic, SimulatedLog.Entry entry) {
        if (topic.equals(topics.events().name())) {
            String event = new String(entry.octets(), UTF_8);
            entry.tokens.forEach(witness::delivered);
            boolean isHeld = Objects.requireNonNull(holds).isTold(event);
            if (event.contains("\"fault\":true")
                    || !isHeld && event.contains("\"event\":\"held\"")
                    || event.contains("\"event\":\"rejected\"")) {
                witness.violation("something nobody foresaw: " + event);
            }
        } else if (topic.equals(topics.failed().name())) {
            failed(entry);
        } else if (topic.equals(topics.again().name())) {
            released(entry);
        }
    }

    private void failed(SimulatedLog.Entry entry) {
        try {
            Failure failure = mails.failures.decode(entry.octets());
            boolean expired = failure.getEnvelope().getExpiry() <= entry.atMillis + Scenario.SKEW.toMillis();
            if (Objects.requireNonNull(jobs).giveUp(failure)) {
                entry.tokens.forEach(witness::givenUp);
                return;
            }
            for (String token : entry.tokens) {
                boolean right =
                        switch (failure.getReason()) {
                            case EXPIRED -> expired;
                            default -> token.contains(" unknown");
                        };
                if (!right) {
                    witness.violation(token + " failed without a reason: " + failure.getReason());
                }
                witness.failed(token, failure.getReason() == FailureReason.EXPIRED);
            }
        } catch (UndecodableException | UnknownSchemaException | NewerRecordException e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing leaves before it is due unless its destination has recovered or a job wants it. */
    private void released(SimulatedLog.Entry entry) {
        try {
            Envelope envelope = mails.envelopes.decode(entry.octets());
            long early = envelope.getNotBefore() - Scenario.SKEW.toMillis() - entry.atMillis;
            String address = envelope.getRecipients().get(0).getAddress();
            String destination = address.substring(address.indexOf('@') + 1);
            Long said = recovered.get(destination);
            boolean recent = said != null && world.now() - said <= Scenario.RECENT.toNanos();
            if (early > 0 && !recent && !Objects.requireNonNull(jobs).want(envelope, destination)) {
                witness.violation(entry.tokens + " was released " + early + " ms before it was due");
            }
        } catch (UndecodableException | UnknownSchemaException | NewerRecordException e) {
            throw new AssertionError(e);
        }
    }
}
