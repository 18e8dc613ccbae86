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

    /** The index of the first CR or LF in {@code octets[from, to)}, or {@code to}; looks at eight octets at a time. */
    public static int lineEnd(byte[] octets, int from, int to) {
        int i = from;
        while (i <= to - Long.BYTES) {
            long controls = controls((long) WORDS.get(octets, i));
            if (controls == 0) {
                i += Long.BYTES;
                continue;
            }
            i += Long.numberOfTrailingZeros(controls) >>> 3;
            if (octets[i] == '\r' || octets[i] == '\n') {
                return i;
            }
            i++;
        }
        while (i < to && octets[i] != '\r' && octets[i] != '\n') {
            i++;
        }
        return i;
    }

    /** The top bit of each octet that is CR or less (LF, a TAB now and then); above the lowest of them there may be false ones. */
    private static long controls(long word) {
        return (word - ABOVE_CR) & ~word & TOP_BITS;
    }
}
