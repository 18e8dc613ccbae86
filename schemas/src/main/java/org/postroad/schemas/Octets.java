package org.postroad.schemas;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds line ends in content; every octet of mail passes here on its way in and on its way out. */
public final class Octets {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOP_BITS = ONES << 7;
    private static final long ABOVE_CR = ONES * ('\r' + 1);

    private Octets() {}

    /** The index of the first CR or LF in {@code octets[from, to)}, or {@code to}; looks at sixteen octets at a time. */
    public static int lineEnd(byte[] octets, int from, int to) {
        int i = from;
        for (; i <= to - 2 * Long.BYTES; i += 2 * Long.BYTES) {
            long controls = controls((long) WORDS.get(octets, i)) | controls((long) WORDS.get(octets, i + Long.BYTES));
            if (controls != 0) {
                int end = firstOf(octets, i, i + 2 * Long.BYTES);
                if (end < i + 2 * Long.BYTES) {
                    return end;
                }
            }
        }
        return firstOf(octets, i, to);
    }

    private static int firstOf(byte[] octets, int from, int to) {
        int i = from;
        while (i < to && octets[i] != '\r' && octets[i] != '\n') {
            i++;
        }
        return i;
    }

    /** Not zero when an octet may be CR or less: LF, and a TAB now and then. */
    private static long controls(long word) {
        return (word - ABOVE_CR) & ~word & TOP_BITS;
    }
}
