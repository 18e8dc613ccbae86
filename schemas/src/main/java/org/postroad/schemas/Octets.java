package org.postroad.schemas;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds line ends in content; every octet of mail passes here on its way in and on its way out. */
public final class Octets {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long CRS = ONES * '\r';
    private static final long LFS = ONES * '\n';

    private Octets() {}

    /** The index of the first CR or LF in {@code octets[from, to)}, or {@code to}; looks at eight octets at a time. */
    public static int lineEnd(byte[] octets, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) WORDS.get(octets, i);
            long found = zeroOctets(word ^ CRS) | zeroOctets(word ^ LFS);
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (i < to && octets[i] != '\r' && octets[i] != '\n') {
            i++;
        }
        return i;
    }

    /** The top bit of each octet that is zero; above the lowest of them there may be false ones. */
    private static long zeroOctets(long word) {
        return (word - ONES) & ~word & (ONES << 7);
    }
}
