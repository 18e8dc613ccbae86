package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;

/**
 * Makes content fit to follow 354 (RFC 5321 section 4.5.2), piece by piece: a line that begins with a dot gets another,
 * the last line gets its CRLF if it has none.
 *
 * <p>CR and LF leave only as CRLF, whatever the pieces hold: a stray one becomes a space. Ingress accepts none, so this
 * changes only what another producer wrote; passing it on would let its author smuggle a second message past receivers
 * that take a bare LF for a line end, and ending the line there would let him make header lines.
 *
 * <p>Whole runs are copied; an octet is looked at once, and above CR it costs one comparison.
 */
public final class DotStuffing {
    private boolean lineStart = true;
    private boolean carriageReturn;

    /** Appends one piece, stuffed; the output may grow by a third of the piece at the worst, and one octet. */
    public void stuff(byte[] in, int offset, int length, ByteBuf out) {
        int end = offset + length;
        int i = offset;
        if (length > 0 && carriageReturn) {
            i = afterCarriageReturn(in, i, out);
        }
        int run = i;
        boolean atStart = lineStart;
        while (i < end) {
            byte octet = in[i];
            if (atStart && octet == '.') {
                out.writeBytes(in, run, i - run).writeByte('.');
                run = i;
            }
            atStart = false;
            if ((octet & 0xFF) > '\r' || octet != '\r' && octet != '\n') {
                i++;
                continue;
            }
            boolean lineEnd = octet == '\r' && i + 1 < end && in[i + 1] == '\n';
            if (lineEnd) {
                i += 2;
                atStart = true;
                continue;
            }
            out.writeBytes(in, run, i - run);
            run = ++i;
            carriageReturn = octet == '\r' && i == end;
            if (!carriageReturn) {
                out.writeByte(' ');
            }
        }
        out.writeBytes(in, run, end - run);
        lineStart = atStart;
    }

    /** The last octet of the piece before was CR: only now is known whether it ended a line. */
    private int afterCarriageReturn(byte[] in, int first, ByteBuf out) {
        carriageReturn = false;
        if (in[first] == '\n') {
            out.writeShort('\r' << 8 | '\n');
            lineStart = true;
            return first + 1;
        }
        out.writeByte(' ');
        return first;
    }

    /** Ends the last line, so that the dot stands alone on the next. */
    public void finish(ByteBuf out) {
        if (carriageReturn) {
            carriageReturn = false;
            out.writeByte(' ');
        }
        if (!lineStart) {
            out.writeShort('\r' << 8 | '\n');
            lineStart = true;
        }
    }
}
