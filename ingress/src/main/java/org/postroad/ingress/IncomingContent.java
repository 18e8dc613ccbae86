package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Reply;

/**
 * One message's content between the socket and Kafka: small content is gathered whole, larger content leaves in chunks
 * while it arrives.
 *
 * <p>Confined to its session's loop. Octets are copied once from the socket's buffer and decoded where they lie.
 */
final class IncomingContent {
    /** While the budget is tight, a chunk leaves at this size instead of growing. */
    static final int EARLY_CHUNK_OCTETS = 64 * 1024;

    /** More chunks than these would make an envelope's offsets too long. */
    private static final int MOST_CHUNKS = 4_096;

    private static final byte[] NOTHING = new byte[0];
    private static final int FIRST_OCTETS = 8 * 1024;
    private static final int FINAL_DOT_OCTETS = 3;

    /** What a message that comes while the budget is tight begins with. */
    private static final int TIGHT_OCTETS = 1024;

    private final ContentDecoder decoder = new ContentDecoder();
    private final HopCount hops = new HopCount();
    private final OctetBudget budget;
    private final SpareBuffers spare;
    private final Supplier<ChunkWriter> chunkWriters;
    private final long maxSize;
    private final int inlineUpTo;
    private final int earlyChunk;
    private final int fullChunk;
    private @Nullable ChunkWriter chunks;
    private byte[] octets;
    private int count;
    private long size;
    private long seen;
    private @Nullable Reply refusal;

    IncomingContent(
            IngressConfig config,
            long declaredSize,
            OctetBudget budget,
            SpareBuffers spare,
            Supplier<ChunkWriter> chunkWriters) {
        this.budget = budget;
        this.spare = spare;
        this.chunkWriters = chunkWriters;
        this.maxSize = config.maxMessageSize();
        this.inlineUpTo = Math.min(config.inlineContentUpTo(), Caps.INLINE_OCTETS);
        this.earlyChunk = (int) Math.max(EARLY_CHUNK_OCTETS, maxSize / MOST_CHUNKS + 1);
        this.fullChunk = Math.max(earlyChunk, SpareBuffers.OCTETS);
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

    /** Takes octets up to the content's end, or as many as there is room for now. */
    void take(ByteBuf in) {
        while (in.isReadable() && takesMore()) {
            if (count == octets.length) {
                makeRoom();
            }
            int n = Math.min(in.readableBytes(), octets.length - count);
            in.readBytes(octets, count, n);
            int end = decoder.decode(octets, count, count + n);
            in.readerIndex(in.readerIndex() - decoder.unread());
            hops.scan(octets, count, end);
            seen += n - decoder.unread();
            size += end - count;
            count = end;
            if (refusal != null || judge() != null) {
                forget();
            }
        }
        if (decoder.ended()) {
            refusal = judge();
        }
    }

    boolean ended() {
        return decoder.ended();
    }

    /** Whether there is room for more, so that reading on makes sense. */
    boolean takesMore() {
        return !decoder.ended() && (chunks == null || !chunks.isBusy() || refusal != null);
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
        return chunks == null && size <= inlineUpTo;
    }

    ByteBuffer inline() {
        return ByteBuffer.wrap(octets, 0, count);
    }

    /** Writes what is left and hears where all of it is; null when some of it may not be kept. */
    void store(Consumer<@Nullable ContentRef> whenStored) {
        if (count > 0) {
            writeChunk();
        }
        chunks().flush();
        release();
        chunks().whenSettled(whenStored);
    }

    /** Gives its memory back; what Kafka has not answered for yet is given back when it has. */
    void release() {
        if (chunks != null) {
            chunks.drop();
        }
        budget.give(octets.length);
        spare.give(octets);
        octets = NOTHING;
        count = 0;
    }

    /** Nobody will want what was refused. */
    private void forget() {
        count = 0;
        if (chunks != null) {
            chunks.drop();
        }
    }

    private @Nullable Reply judge() {
        if (decoder.bareLineEnd()) {
            refusal = Replies.BARE_LINE_END;
        } else if (size > maxSize) {
            refusal = Replies.TOO_LARGE;
        } else if (hops.isLoop()) {
            refusal = Replies.LOOP;
        } else if (chunks != null && chunks.failed()) {
            refusal = Replies.NOT_KEPT;
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
        } else if (mayGrow) {
            byte[] larger = buffer(grown);
            System.arraycopy(octets, 0, larger, 0, count);
            budget.give(octets.length);
            octets = larger;
        } else if (chunks().mayWrite()) {
            int length = octets.length;
            writeChunk();
            if (octets.length == 0) {
                octets = buffer(budget.isTight(length) ? earlyChunk : length);
            }
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
