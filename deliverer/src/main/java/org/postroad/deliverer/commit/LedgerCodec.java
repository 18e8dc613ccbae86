package org.postroad.deliverer.commit;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Finished offsets as the metadata of a committed offset: base 64 of a version, how far the highest finished offset is from
 * the mark, how many are unfinished between, the gap from each to the next, and a checksum that covers the mark too.
 *
 * <p>Numbers are varints, so that 1,500 open records scattered over 50,000 offsets take some 2,600 characters. A bitmap
 * would take 8,300, and grows with the span where this grows with what is open, which the poller bounds: 250 open records
 * and a whole poll on top fit whatever the span.
 */
public final class LedgerCodec {
    /** What brokers allow by default ({@code offset.metadata.max.bytes}); more is fatal to a transactional producer. */
    static final int LIMIT = 4_096;

    private static final byte VERSION = 1;
    private static final int CHECKSUM_OCTETS = 4;
    private static final int LONGEST_VARINT = 10;

    private LedgerCodec() {}

    /** The metadata; empty when the mark says all; null when it would not fit. */
    public static @Nullable String encode(FinishedOffsets finished) {
        if (!finished.anyAboveMark()) {
            return "";
        }
        long[] unfinished = finished.unfinished();
        ByteBuffer out = ByteBuffer.allocate(1 + (2 + unfinished.length) * LONGEST_VARINT + CHECKSUM_OCTETS);
        out.put(VERSION);
        putVarint(out, finished.highest() - finished.mark());
        putVarint(out, unfinished.length);
        long previous = finished.mark();
        for (long offset : unfinished) {
            putVarint(out, offset - previous);
            previous = offset;
        }
        out.putInt(checksum(finished.mark(), out.array(), out.position()));
        String metadata = Base64.getEncoder()
                .withoutPadding()
                .encodeToString(java.util.Arrays.copyOf(out.array(), out.position()));
        return metadata.length() <= LIMIT ? metadata : null;
    }

    /** Whether so many unfinished offsets within such a span fit at their worst: a gap of 128 takes two octets, of 16,384 three. */
    static boolean surelyFits(int unfinished, long span) {
        long octets = 1L + 2 * LONGEST_VARINT + CHECKSUM_OCTETS + unfinished;
        for (long rest = span >>> 7; rest > 0; rest >>>= 7) {
            octets += Math.min(unfinished, rest);
        }
        return (octets + 2) / 3 * 4 <= LIMIT;
    }

    /** What a committed offset and its metadata say; null when the metadata cannot be read. */
    public static @Nullable FinishedOffsets decode(long mark, @Nullable String metadata) {
        if (metadata == null || metadata.isEmpty()) {
            return FinishedOffsets.below(mark);
        }
        try {
            byte[] octets = Base64.getDecoder().decode(metadata);
            int length = octets.length - CHECKSUM_OCTETS;
            if (length < 1
                    || octets[0] != VERSION
                    || ByteBuffer.wrap(octets).getInt(length) != checksum(mark, octets, length)) {
                return null;
            }
            return read(mark, ByteBuffer.wrap(octets, 1, length - 1));
        } catch (IllegalArgumentException | BufferUnderflowException notOurs) {
            return null;
        }
    }

    private static @Nullable FinishedOffsets read(long mark, ByteBuffer in) {
        long highest = mark + varint(in);
        long count = varint(in);
        if (highest < mark || count > in.remaining()) {
            return null;
        }
        long[] unfinished = new long[(int) count];
        long previous = mark;
        for (int i = 0; i < unfinished.length; i++) {
            long gap = varint(in);
            previous += gap;
            if (previous < mark || previous >= highest || (i > 0 && gap == 0)) {
                return null;
            }
            unfinished[i] = previous;
        }
        return new FinishedOffsets(mark, highest, unfinished);
    }

    private static int checksum(long mark, byte[] octets, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(mark).flip());
        crc.update(octets, 0, length);
        return (int) crc.getValue();
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            byte octet = in.get();
            value |= (octet & 0x7FL) << shift;
            if (octet >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number longer than 63 bits");
    }
}
