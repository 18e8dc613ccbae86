package org.postroad.ingress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Packing;

/**
 * Writes one message's content to the content topic while it arrives, all chunks to one partition.
 *
 * <p>Confined to its session's loop. Chunks of a message that is refused in the end stay behind unreferenced until
 * retention removes them.
 */
final class ChunkWriter {
    private static final int MOST_UNANSWERED = 4;

    /** As many octets of large chunks. */
    private static final int MOST_OCTETS_UNANSWERED = 2 * IngressProducer.BATCH_OCTETS;

    private static final long UNKNOWN = -1;

    private final DurableLog log;
    private final OctetBudget budget;
    private final Packing packing;
    private final Intake.Road road;
    private final int partition;
    private final ContentId id;
    private final Progress progress;
    private final List<Long> offsets = new ArrayList<>();
    private final CRC32C digest = new CRC32C();
    private int unanswered;
    private int octetsUnanswered;
    private long size;
    private boolean failed;
    private @Nullable Consumer<@Nullable ContentRef> whenSettled;

    /** @param progress hears whenever the fate of a chunk is known */
    ChunkWriter(
            DurableLog log, OctetBudget budget, Packing packing, Intake.Road road, ContentId id, Progress progress) {
        this.log = log;
        this.budget = budget;
        this.packing = packing;
        this.road = road;
        this.partition = road.contentTurn().current();
        this.id = id;
        this.progress = progress;
    }

    /**
     * Writes the first {@code length} octets.
     *
     * @return whether the array is Kafka's from now on, so that nobody may change it any more
     */
    boolean write(byte[] octets, int length) {
        int index = offsets.size();
        ProducerRecord<byte[], byte[]> chunk =
                ContentChunks.record(road.content(), partition, ContentChunks.key(id, index), octets, length, packing);
        offsets.add(UNKNOWN);
        unanswered++;
        size += length;
        digest.update(octets, 0, length);
        road.contentTurn().wrote(chunk.value().length);
        int held = inProducer(chunk.value().length);
        octetsUnanswered += held;
        budget.take(held);
        DurableLog.Written then = kept -> {
            unanswered--;
            octetsUnanswered -= held;
            budget.give(held);
            if (kept == null) {
                failed = true;
                road.contentTurn().leave(partition);
            } else {
                offsets.set(index, kept.offset());
            }
            progress.goOn();
            settle();
        };
        log.append(chunk, then, progress::fault);
        return chunk.value() == octets;
    }

    /** What Kafka's producer holds for it: a whole batch where another like it does not fit beside it. */
    private static int inProducer(int octets) {
        return octets > IngressProducer.BATCH_OCTETS / 2 ? Math.max(octets, IngressProducer.BATCH_OCTETS) : octets;
    }

    /** Whether the client has to wait until Kafka has caught up. */
    boolean isBusy() {
        return unanswered >= MOST_UNANSWERED
                || octetsUnanswered >= MOST_OCTETS_UNANSWERED
                || (unanswered > 0 && budget.isTight(0));
    }

    /** Octets written. */
    long size() {
        return size;
    }

    boolean failed() {
        return failed;
    }

    /** Hears, once every chunk is answered for, where the content is; null when some of it may not be kept. */
    void whenSettled(Consumer<@Nullable ContentRef> listener) {
        whenSettled = listener;
        settle();
    }

    private void settle() {
        Consumer<@Nullable ContentRef> listener = whenSettled;
        if (listener != null && unanswered == 0) {
            whenSettled = null;
            listener.accept(failed ? null : new ContentRef(id, partition, offsets, size, (int) digest.getValue()));
        }
    }
}
