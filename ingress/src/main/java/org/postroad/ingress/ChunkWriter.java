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
 * Writes one message's content to the content topic while it arrives, all chunks to one partition: the first chunks as they come,
 * those of large content in stretches that fill a batch, so that they lie together for whoever reads them.
 *
 * <p>Confined to its session's loop. Chunks of a message that is refused in the end stay behind unreferenced until
 * retention removes them.
 */
final class ChunkWriter {
    private static final int MOST_UNANSWERED = 4;
    private static final long UNKNOWN = -1;

    /** Of content that may turn out large, so much is written as it comes. */
    static final long DIRECT_OCTETS = 512 * 1024;

    /** A batch, less what Kafka adds to it. */
    static final int STRETCH_OCTETS = IngressProducer.BATCH_OCTETS - 4 * 1024;

    private final DurableLog log;
    private final OctetBudget budget;
    private final Packing packing;
    private final Intake.Road road;
    private final StretchTurns turns;
    private final int partition;
    private final ContentId id;
    private final long directOctets;
    private final Progress progress;
    private final List<Long> offsets = new ArrayList<>();
    private final CRC32C digest = new CRC32C();
    private final List<Chunk> stretch = new ArrayList<>();
    private int stretchOctets;
    private boolean hasTurn;
    private boolean awaitsTurn;
    private int unanswered;
    private long size;
    private boolean failed;
    private @Nullable Consumer<@Nullable ContentRef> whenSettled;

    private record Chunk(ProducerRecord<byte[], byte[]> octets, int index) {}

    /**
     * @param directOctets so much of it is written as it comes
     * @param progress hears whenever the fate of a chunk is known
     */
    ChunkWriter(
            DurableLog log,
            OctetBudget budget,
            Packing packing,
            Intake.Road road,
            StretchTurns turns,
            ContentId id,
            long directOctets,
            Progress progress) {
        this.log = log;
        this.budget = budget;
        this.packing = packing;
        this.road = road;
        this.turns = turns;
        this.partition = road.contentTurn().current();
        this.id = id;
        this.directOctets = directOctets;
        this.progress = progress;
    }

    /** Whether a chunk may be written now; if not, the writer is busy until it may. */
    boolean mayWrite() {
        if (size < directOctets || hasTurn) {
            return true;
        }
        hasTurn = turns.take(this);
        awaitsTurn = !hasTurn;
        return hasTurn;
    }

    /** Its stretch may be gathered now. */
    void turnCame() {
        hasTurn = true;
        awaitsTurn = false;
        progress.goOn();
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
        size += length;
        digest.update(octets, 0, length);
        int held = chunk.value().length;
        budget.take(held);
        stretch.add(new Chunk(chunk, index));
        stretchOctets += held;
        if (!hasTurn || stretchOctets + held > STRETCH_OCTETS) {
            flush();
        }
        return chunk.value() == octets;
    }

    /** Gives what was gathered to Kafka, and its turn to others. */
    void flush() {
        List<Chunk> gathered = List.copyOf(stretch);
        stretch.clear();
        stretchOctets = 0;
        gathered.forEach(this::append);
        endTurn();
    }

    /** Forgets what was gathered: the message is refused, or its client is gone. */
    void drop() {
        budget.give(stretchOctets);
        stretch.clear();
        stretchOctets = 0;
        endTurn();
    }

    private void endTurn() {
        hasTurn = false;
        awaitsTurn = false;
        turns.end(this);
    }

    private void append(Chunk chunk) {
        int held = chunk.octets().value().length;
        unanswered++;
        road.contentTurn().wrote(held);
        DurableLog.Written then = kept -> {
            unanswered--;
            budget.give(held);
            if (kept == null) {
                failed = true;
                road.contentTurn().leave(partition);
            } else {
                offsets.set(chunk.index(), kept.offset());
            }
            progress.goOn();
            settle();
        };
        log.append(chunk.octets(), then, progress::fault);
    }

    /** Whether the client has to wait until Kafka has caught up, or until others have written theirs. */
    boolean isBusy() {
        return awaitsTurn || (!hasTurn && unanswered >= MOST_UNANSWERED) || (unanswered > 0 && budget.isTight(0));
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
