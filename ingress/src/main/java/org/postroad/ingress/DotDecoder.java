package org.postroad.ingress;

import org.postroad.schemas.Octets;

/**
 * Takes the transparency off content as it arrives and finds its one true end (RFC 5321 section 4.5.2).
 *
 * <p>Only CRLF ends a line, so only CRLF.CRLF ends the content. Servers that also took a bare LF or CR for a line end
 * let a client smuggle a second message past a server that did not; so a bare one is noticed, never obeyed, and whoever
 * asked for the content refuses it once its real end has come: to hang up earlier would leave the rest of the content
 * to be read as commands.
 */
final class DotDecoder implements ContentDecoder {
    private enum Place {
        LINE_START,
        TEXT,
        CR,
        DOT,
        DOT_CR,
        END
    }

    private Place place = Place.LINE_START;
    private boolean bareLineEnd;
    private int unread;

    @Override
    public int decode(byte[] octets, int from, int to) {
        int out = from;
        int run = from; // octets[run, i) are content and still have to move down to out
        int i = from;
        while (i < to && place != Place.END) {
            if (place == Place.TEXT) {
                i = Octets.lineEnd(octets, i, to);
                if (i < to) {
                    place = afterTextOctet(octets[i++]);
                }
                continue;
            }
            byte octet = octets[i++];
            Place next = next(octet);
            boolean dropped = next == Place.DOT || next == Place.DOT_CR || next == Place.END;
            if (dropped) {
                out = move(octets, run, i - 1, out);
                run = i;
            }
            place = next;
        }
        unread = to - i;
        return move(octets, run, i, out);
    }

    @Override
    public boolean ended() {
        return place == Place.END;
    }

    @Override
    public boolean isDotted() {
        return true;
    }

    @Override
    public boolean wantsMore() {
        return !ended();
    }

    @Override
    public int unread() {
        return unread;
    }

    @Override
    public boolean bareLineEnd() {
        return bareLineEnd;
    }

    private Place next(byte octet) {
        if (place == Place.LINE_START) {
            return octet == '.' ? Place.DOT : afterTextOctet(octet);
        }
        if (place == Place.DOT) {
            return octet == '\r' ? Place.DOT_CR : afterTextOctet(octet);
        }
        if (octet == '\n') {
            return place == Place.CR ? Place.LINE_START : Place.END;
        }
        bareLineEnd = true; // the CR before this octet
        return afterTextOctet(octet);
    }

    private Place afterTextOctet(byte octet) {
        if (octet == '\r') {
            return Place.CR;
        }
        bareLineEnd |= octet == '\n';
        return Place.TEXT;
    }

    private static int move(byte[] octets, int from, int to, int out) {
        if (out != from) {
            System.arraycopy(octets, from, octets, out, to - from);
        }
        return out + to - from;
    }
}
