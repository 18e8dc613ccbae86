package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import org.postroad.schemas.Octets;

/**
 * Makes content fit to follow 354 (RFC 5321 section 4.5.2), piece by piece: a line that begins with a dot gets another,
 * the last line gets its CRLF if it has none.
 *
 * <p>CR and LF leave only as CRLF, whatever the pieces hold: a stray one becomes a space. Ingress accepts none, so this
 * changes only what another producer wrote; passing it on would let its author smuggle a second message past receivers
 * that take a bare LF for a line end, and ending the line there would let him make header lines.
 *
 * <p>Whole runs are copied, and lines are found eight octets at a time.
 */
public final class DotStuffing {
    private boolean lineStart = true;
    private boolean carriageReturn;

    /**
     * Appends one piece as it is, of octets known to hold nothing that would have to be changed but where pieces meet.
     *
     * @return whether it did; else it has to be stuffed
     */
    boolean passPlain(byte[] in, int offset, int length, ByteBuf out) {
        boolean passes =
                length > 0 && !carriageReturn && !(lineStart && in[offset] == '.') && in[offset + length - 1] != '\r';
        if (passes) {
            out.writeBytes(in, offset, length);
            lineStart = in[offset + length - 1] == '\n';
        }
        return passes;
    }

    /** Appends one piece, stuffed; the output may grow by a third of the piece at the worst, and one octet. */
    public void stuff(byte[] in, int offset, int length, ByteBuf out) {
        int end = offset + length;
        int i = offset;
        if (length > 0 && carriageReturn) {
            i = afterCarriageReturn(in, i, out);
        }
        int run = i; // in[run, i) still has to be copied
        while (i < end) {
            if (lineStart && in[i] == '.') {
                out.writeBytes(in, run, i - run).writeByte('.');
                run = i;
            }
            i = Octets.lineEnd(in, i, end);
            lineStart = false;
            if (i + 1 < end && in[i] == '\r' && in[i + 1] == '\n') {
                i += 2;
                lineStart = true;
            } else if (i < end) {
                out.writeBytes(in, run, i - run);
                carriageReturn = in[i] == '\r' && i + 1 == end;
                if (!carriageReturn) {
                    out.writeByte(' ');
                }
                run = ++i;
            }
        }
        out.writeBytes(in, run, end - run);
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
