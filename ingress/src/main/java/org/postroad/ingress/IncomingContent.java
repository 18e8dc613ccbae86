package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.hook.Inspection;
import org.postroad.schemas.Caps;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Reply;

/**
 * One message's content between the socket and Kafka: small content is gathered whole, larger content leaves in chunks
 * while it arrives: what turns out large in few large ones, each of which fills a batch, so that its content lies together for
 * whoever reads it.
 *
 * <p>Confined to its session's loop. Octets are copied once from the socket's buffer and decoded where they lie.
 */
final class IncomingContent implements StretchTurns.Gatherer {
    /** While the budget is tight, a chunk leaves at this size instead of growing. */
    static final int EARLY_CHUNK_OCTETS = 64 * 1024;

    /** Content that may turn out large is written in small chunks up to here; what was announced to be larger, not at all. */
    static final long DIRECT_OCTETS = 512 * 1024;

    /** A chunk of what is large: more than half a batch, so that no other like it is put beside it. */
    static final int STRETCH_OCTETS = Caps.CHUNK_OCTETS;

    /** More chunks than these would make an envelope's offsets too long. */
    private static final int MOST_CHUNKS = 4_096;

    private static final byte[] NOTHING = new byte[0];
    private static final int FIRST_OCTETS = 8 * 1024;
    private static final int FINAL_DOT_OCTETS = 3;

    /** What a message that comes while the budget is tight begins with. */
    private static final int TIGHT_OCTETS = 1024;

    private final ContentDecoder decoder;
    private final ReceivedLines received;
    private final boolean refusesBareLineEnds;
    private final OctetBudget budget;
    private final SpareBuffers spare;
    private final StretchTurns turns;
    private final Progress progress;
    private final Supplier<ChunkWriter> chunkWriters;
    private final long maxSize;
    private final int inlineUpTo;
    private final int earlyChunk;
    private final int fullChunk;
    private final long directOctets;
    private final @Nullable SubmittedHeader header;
    private final @Nullable Inspection inspection;
    private @Nullable ContentChanges changes;
    private @Nullable ChunkWriter chunks;
    private byte[] octets;
    private int count;
    private long size;
    private long seen;
    private @Nullable Reply refusal;

    /**
     * How large it may be.
     *
     * @param most octets of all of it
     * @param inlineUpTo octets that travel with their envelope
     */
    record Sizes(long most, int inlineUpTo) {}

    /** Where the content of one event loop is gathered. */
    record Room(OctetBudget budget, SpareBuffers spare, StretchTurns turns) {}

    /**
     * Content that begins.
     *
     * @param changes what the listener changes in it, null for nothing
     * @param inspection by the listener's hooks, null where it has none
     */
    IncomingContent(
            Sizes sizes,
            ContentDecoder decoder,
            @Nullable ContentChanges changes,
            @Nullable Inspection inspection,
            ReceivedLines received,
            long declaredSize,
            Room room,
            Progress progress,
            Supplier<ChunkWriter> chunkWriters) {
        this.decoder = decoder;
        this.changes = changes;
        this.header = changes == null ? null : changes.header();
        this.inspection = inspection;
        this.refusesBareLineEnds = changes == null || !changes.normalizeLineEnds();
        this.received = received;
        this.budget = room.budget();
        this.spare = room.spare();
        this.turns = room.turns();
        this.progress = progress;
        this.chunkWriters = chunkWriters;
        this.maxSize = sizes.most();
        this.inlineUpTo = Math.min(sizes.inlineUpTo(), Caps.INLINE_OCTETS);
        this.earlyChunk = (int) Math.max(EARLY_CHUNK_OCTETS, maxSize / MOST_CHUNKS + 1);
        this.fullChunk = Math.max(earlyChunk, SpareBuffers.OCTETS);
        this.directOctets = declaredSize > 2 * DIRECT_OCTETS ? 0 : DIRECT_OCTETS;
        int wanted = firstOctets(declaredSize);
        this.octets = new byte[budget.isTight(wanted) ? Math.min(wanted, TIGHT_OCTETS) : wanted];
        budget.take(octets.length);
    }

    /** A client that says how much will come spares us growing; one that exaggerates gains little. */
    private int firstOctets(long declaredSize) {
        if (declaredSize < 0) {
            return Math.min(FIRST_OCTETS, inlineUpTo + FINAL_DOT_OCTETS);
        }
        if (declaredSize > inlineUpTo) {
            return Math.max(EARLY_CHUNK_OCTETS, inlineUpTo + FINAL_DOT_OCTETS);
        }
        return (int) Math.min(declaredSize + declaredSize / 32 + FINAL_DOT_OCTETS, inlineUpTo + FINAL_DOT_OCTETS);
    }

    /** Takes octets up to the content's end, or as many as there is room for now; at its end, none are needed. */
    void take(ByteBuf in) {
        while (in.isReadable() && takesMore()) {
            if (room() <= 0) {
                makeRoom();
            }
            int n = Math.max(0, Math.min(in.readableBytes(), room()));
            int from = changes == null ? count : count + changes.gapFor(n);
            in.readBytes(octets, from, n);
            int decoded = decoder.decode(octets, from, from + n);
            in.readerIndex(in.readerIndex() - decoder.unread());
            seen += n - decoder.unread();
            grew(changes == null ? decoded : changes.apply(octets, count, from, decoded));
            if (refusal != null || judge() != null) {
                count = 0;
                changes = null;
                turns.end(this);
                abandonInspection();
            }
        }
        if (decoder.ended()) {
            grew(changes == null ? count : changes.finish(octets, count));
            if (inspection != null) {
                inspection.end();
            }
            refusal = judge();
        }
    }

    private void grew(int end) {
        received.scan(octets, count, end);
        size += end - count;
        count = inspection == null ? end : inspection.take(octets, count, end);
    }

    /** The Message-ID in its header section, without brackets; null where there is none that fits. */
    @Nullable
    String messageId() {
        return received.messageId();
    }

    /** Octets that can come now. */
    private int room() {
        int free = octets.length - count;
        return changes == null ? free : changes.mostInto(free);
    }

    boolean ended() {
        return decoder.ended();
    }

    /** Whether more of it is awaited before the client has to say anything. */
    boolean wantsMore() {
        return decoder.wantsMore();
    }

    /** Whether there is room for more, so that reading on makes sense. */
    boolean takesMore() {
        boolean waits = chunks != null && chunks.isBusy()
                || turns.isAwaitedBy(this)
                || inspection != null && inspection.isBusy();
        return decoder.wantsMore() && (!waits || refusal != null);
    }

    /** Why the content is refused, null while or when it is not. */
    @Nullable
    Reply refusal() {
        return refusal;
    }

    /** Octets that came from the client so far. */
    long seen() {
        return seen;
    }

    long size() {
        return size;
    }

    /** Whether all of it is here and small enough to travel inside its envelope. */
    boolean isInline() {
        return chunks == null && count <= inlineUpTo;
    }

    /** What is known of the header section of a submitted message, null of others. */
    @Nullable
    SubmittedHeader header() {
        return header;
    }

    /** By hooks, null where there are none. */
    @Nullable
    Inspection inspection() {
        return inspection;
    }

    ByteBuffer inline() {
        return ByteBuffer.wrap(octets, 0, count);
    }

    /** Writes what is left and hears where all of it is; null when some of it may not be kept. */
    void store(Consumer<@Nullable ContentRef> whenStored) {
        if (count > 0) {
            writeChunk();
        }
        giveBack();
        chunks().whenSettled(whenStored);
    }

    /** Nobody wants it any more; what Kafka has not answered for yet is given back when it has. */
    void release() {
        abandonInspection();
        giveBack();
    }

    private void abandonInspection() {
        if (inspection != null) {
            inspection.abandon();
        }
    }

    private void giveBack() {
        turns.end(this);
        budget.give(octets.length);
        spare.give(octets);
        octets = NOTHING;
        count = 0;
    }

    private @Nullable Reply judge() {
        if (refusesBareLineEnds && decoder.bareLineEnd()) {
            refusal = Replies.BARE_LINE_END;
        } else if (size > maxSize) {
            refusal = Replies.TOO_LARGE;
        } else if (received.isLoop()) {
            refusal = Replies.LOOP;
        } else if (chunks != null && chunks.failed()) {
            refusal = Replies.NOT_KEPT;
        } else if (refusal == null && inspection != null) {
            refusal = inspection.refusal();
        }
        return refusal;
    }

    private void makeRoom() {
        int grown = grown();
        boolean mayGrow =
                octets.length < fullChunk && (octets.length < earlyChunk || !budget.isTight(grown - octets.length));
        if (budget.isExhausted(mayGrow ? grown - octets.length : octets.length)) {
            refusal = Replies.NO_ROOM;
            count = 0;
            changes = null;
        } else if (mayGrow) {
            growTo(grown);
        } else if (size < directOctets) {
            writeOn();
        } else if (turns.take(this)) {
            if (octets.length < STRETCH_OCTETS) {
                growTo(STRETCH_OCTETS);
            } else {
                writeOn();
            }
        }
    }

    private void growTo(int length) {
        byte[] larger = buffer(length);
        System.arraycopy(octets, 0, larger, 0, count);
        budget.give(octets.length);
        octets = larger;
    }

    /** Writes what there is, and begins with a buffer that needs no turn. */
    private void writeOn() {
        int length = Math.min(octets.length, fullChunk);
        writeChunk();
        turns.end(this);
        if (octets.length != length) {
            budget.give(octets.length);
            octets = NOTHING;
            octets = buffer(budget.isTight(length) ? earlyChunk : length);
        }
    }

    @Override
    public void turnCame() {
        progress.goOn();
    }

    @Override
    public void turnOver() {
        try {
            writeOn();
        } catch (Throwable bug) {
            progress.fault(bug);
        }
    }

    private int grown() {
        int inline = inlineUpTo + FINAL_DOT_OCTETS;
        if (octets.length < inline) {
            return Math.min(octets.length * 2, inline);
        }
        return octets.length < earlyChunk ? earlyChunk : fullChunk;
    }

    private byte[] buffer(int length) {
        budget.take(length);
        return spare.take(length);
    }

    private void writeChunk() {
        if (chunks().write(octets, count)) {
            budget.give(octets.length);
            octets = NOTHING;
        }
        count = 0;
    }

    private ChunkWriter chunks() {
        if (chunks == null) {
            chunks = chunkWriters.get();
        }
        return chunks;
    }
}
