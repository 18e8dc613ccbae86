package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Gathers one command line. Only CRLF ends it: a bare CR or LF stays in it, for the parser to refuse.
 *
 * <p>A line that grows too long is swallowed up to its end, so that what follows is read in step.
 */
final class LineBuffer {
    /** A line in the course of AUTH (RFC 4954 section 4). */
    static final int AUTH_OCTETS = 12_288;

    private static final int USUAL_OCTETS = 128;

    /** What no client sends by mistake. */
    private static final int ENDLESS_OCTETS = 64 * 1024;

    /** The end of a line that grew too long is kept, and its beginning: they tell of HTTP. */
    private static final int END_OCTETS = 32;

    private static final byte LF = '\n';
    private static final byte CR = '\r';

    private byte[] octets = new byte[USUAL_OCTETS];
    private int most;
    private int count;
    private int swallowed;
    private boolean tooLong;
    private boolean lastWasCr;

    /** @param octetsAtMost how long a line may be until that is changed */
    LineBuffer(int octetsAtMost) {
        most = octetsAtMost;
    }

    /** How long the next line may be. */
    void limit(int octetsAtMost) {
        most = octetsAtMost;
        if (octets.length > most) {
            octets = new byte
                    [USUAL_OCTETS]; // thousands of sessions do not keep what was long once, nor what was secret in it
        }
    }

    /** Takes octets up to the end of the line; true when it is complete. */
    boolean take(ByteBuf in) {
        while (in.isReadable() && !isEndless()) {
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
        if (count + length > octets.length && octets.length < most) {
            octets = Arrays.copyOf(octets, Math.min(most, Math.max(count + length, 2 * octets.length)));
        }
        int fits = Math.min(length, most - count);
        in.readBytes(octets, count, fits);
        count += fits;
        if (fits < length) {
            tooLong = true;
            swallow(in, length - fits);
        }
    }

    private void swallow(ByteBuf in, int length) {
        swallowed += length;
        int kept = Math.min(length, END_OCTETS);
        in.skipBytes(length - kept);
        int end = most - END_OCTETS;
        System.arraycopy(octets, end + kept, octets, end, END_OCTETS - kept);
        in.readBytes(octets, most - kept, kept);
    }

    /** Whether so much has come without an end that no more is taken. */
    boolean isEndless() {
        return swallowed > ENDLESS_OCTETS;
    }

    byte[] octets() {
        return octets;
    }

    /** Octets of the complete line without its CRLF; of one that grew too long, its beginning and its end. */
    int length() {
        return count - 2;
    }

    boolean isTooLong() {
        return tooLong;
    }

    void clear() {
        count = 0;
        swallowed = 0;
        tooLong = false;
        lastWasCr = false;
    }
}
