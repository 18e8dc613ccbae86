package org.postroad.deliverer.commit;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Outcomes that are committed together or not at all: each partition's records with the offset that says they are finished.
 *
 * <p>Immutable, so that it can be sent again as it was while newer outcomes collect.
 */
public record OutcomeBatch(List<Share> shares) {

    /**
     * One partition's part, under one assignment of it.
     *
     * @param offset what is committed: the mark, and in its metadata what is finished above it, these rows included
     */
    public record Share(TopicPartition partition, long assignment, OffsetAndMetadata offset, List<Row> rows) {}

    /** What one record of the partition caused. */
    public record Row(long offset, List<ProducerRecord<byte[], byte[]>> records) {}

    public OutcomeBatch {
        shares = List.copyOf(shares);
    }

    public OutcomeBatch keep(Predicate<Share> wanted) {
        return new OutcomeBatch(shares.stream().filter(wanted).toList());
    }

    /** Without the partitions whose rows a commit of unknown result did write after all. */
    OutcomeBatch withoutWritten(Map<TopicPartition, OffsetAndMetadata> committed) {
        return keep(share -> !isWritten(share, committed.get(share.partition())));
    }

    private static boolean isWritten(Share share, @org.jspecify.annotations.Nullable OffsetAndMetadata committed) {
        if (committed == null || share.rows().isEmpty()) {
            return false;
        }
        // Every row changes what is said; a mark alone may be that of a batch before, whose ledger did not fit.
        OffsetAndMetadata ours = share.offset();
        boolean says = !ours.metadata().isEmpty();
        if (says && committed.offset() == ours.offset() && committed.metadata().equals(ours.metadata())) {
            return true;
        }
        FinishedOffsets finished = LedgerCodec.decode(committed.offset(), committed.metadata());
        FinishedOffsets known = Objects.requireNonNullElse(finished, FinishedOffsets.below(committed.offset()));
        // A batch lands whole or not at all, so one row of a partition would tell; all are asked to be safe.
        return share.rows().stream().allMatch(row -> known.isFinished(row.offset()));
    }

    public boolean isEmpty() {
        return shares.isEmpty();
    }

    public int outcomes() {
        return shares.stream().mapToInt(share -> share.rows().size()).sum();
    }

    public Map<TopicPartition, OffsetAndMetadata> offsets() {
        return shares.stream().collect(Collectors.toMap(Share::partition, Share::offset));
    }
}
