package org.postroad.ingress;

import io.netty.buffer.ByteBuf;

/**
 * Gathers one command line. Only CRLF ends it: a bare CR or LF stays in it, for the parser to refuse.
 *
 * <p>A line that grows too long is swallowed up to its end, so that what follows is read in step.
 */
final class LineBuffer {
    /** 512 of RFC 5321 section 4.5.3.1.4, and what SIZE (26), 8BITMIME (17) and SMTPUTF8 (10) add to MAIL. */
    static final int MOST_OCTETS = 512 + 26 + 17 + 10;

    private static final byte LF = '\n';
    private static final byte CR = '\r';

    private final byte[] octets = new byte[MOST_OCTETS];
    private int count;
    private boolean tooLong;
    private boolean lastWasCr;

    /** Takes octets up to the end of the line; true when it is complete. */
    boolean take(ByteBuf in) {
        while (in.isReadable()) {
            int from = in.readerIndex();
            int lf = in.indexOf(from, in.writerIndex(), LF);
            int to = lf < 0 ? in.writerIndex() : lf + 1;
            boolean afterCr = to - from >= 2 ? in.getByte(to - 2) == CR : lastWasCr;
            append(in, to - from);
            lastWasCr = in.getByte(to - 1) == CR;
            if (lf >= 0 && afterCr) {
                return true;
            }
        }
        return false;
    }

    private void append(ByteBuf in, int length) {
        tooLong |= length > octets.length - count;
        if (tooLong) {
            in.skipBytes(length);
        } else {
            in.readBytes(octets, count, length);
            count += length;
        }
    }

    byte[] octets() {
        return octets;
    }

    /** Octets of the complete line without its CRLF. */
    int length() {
        return count - 2;
    }

    boolean isTooLong() {
        return tooLong;
    }

    void clear() {
        count = 0;
        tooLong = false;
        lastWasCr = false;
    }
}
