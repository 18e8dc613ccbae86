package org.postroad.testkit;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of the content that follows DATA, however it is cut into buffers, and takes the stuffed dots out (RFC 5321 section 4.5.2).
 */
final class ContentScanner {
    private enum At {
        LINE_START,
        IN_LINE,
        CR,
        DOT,
        DOT_CR
    }

    private At at = At.LINE_START;
    private long octets;

    /** Octets of content so far, without stuffed dots and without the end. */
    long octets() {
        return octets;
    }

    void restart() {
        at = At.LINE_START;
        octets = 0;
    }

    /**
     * Consumes octets up to the end of the content or of the buffer.
     *
     * @param kept takes the content's octets; null when they are only counted
     * @return whether the end was found; what follows it is left in the buffer
     */
    boolean scan(ByteBuf in, @Nullable ByteBuf kept) {
        int runStart = in.readerIndex();
        int index = runStart;
        int end = in.writerIndex();
        while (index < end) {
            if (at == At.IN_LINE) {
                int cr = in.indexOf(index, end, (byte) '\r');
                if (cr < 0) {
                    break;
                }
                index = cr;
            }
            byte octet = in.getByte(index++);
            switch (at) {
                case LINE_START -> {
                    if (octet == '.') {
                        take(in, runStart, index - 1, kept);
                        runStart = index;
                        at = At.DOT;
                    } else {
                        at = octet == '\r' ? At.CR : At.IN_LINE;
                    }
                }
                case DOT -> {
                    if (octet == '\r') {
                        // Held back: it is either the end's or content's, the next octet tells.
                        runStart = index;
                        at = At.DOT_CR;
                    } else {
                        at = At.IN_LINE;
                    }
                }
                case DOT_CR -> {
                    if (octet == '\n') {
                        in.readerIndex(index);
                        at = At.LINE_START;
                        return true;
                    }
                    octets++;
                    if (kept != null) {
                        kept.writeByte('\r');
                    }
                    at = octet == '\r' ? At.CR : At.IN_LINE;
                }
                case IN_LINE -> at = At.CR;
                case CR -> at = octet == '\n' ? At.LINE_START : octet == '\r' ? At.CR : At.IN_LINE;
            }
        }
        take(in, runStart, end, kept);
        in.readerIndex(end);
        return false;
    }

    private void take(ByteBuf in, int from, int to, @Nullable ByteBuf kept) {
        octets += to - from;
        if (kept != null) {
            kept.writeBytes(in, from, to - from);
        }
    }
}
