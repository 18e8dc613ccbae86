package org.postroad.ingress;

import org.postroad.schemas.Octets;

/**
 * Content in chunks of announced sizes, octet for octet (RFC 3030): it ends with the chunk that is said to be the last.
 *
 * <p>Since BINARYMIME is not offered, CR and LF may stand in it only as CRLF, also where two chunks meet.
 */
final class ChunkDecoder implements ContentDecoder {
    private static final int SMALL_OCTETS = 512;

    private long announced;
    private long left;
    private boolean last;
    private boolean afterCr;
    private boolean bareLineEnd;
    private int unread;

    /** A chunk has been announced; the one before was complete. */
    void expect(long octets, boolean isLast) {
        announced = octets;
        left = octets;
        last = isLast;
    }

    /** Whether the chunk announced last leads nowhere by itself: so small that no client sends thousands of them. */
    boolean isSmall() {
        return announced < SMALL_OCTETS;
    }

    @Override
    public boolean isDotted() {
        return false;
    }

    @Override
    public boolean wantsMore() {
        return left > 0;
    }

    @Override
    public int decode(byte[] octets, int from, int to) {
        int end = (int) Math.min(to, from + left);
        left -= end - from;
        unread = to - end;
        look(octets, from, end);
        return end;
    }

    private void look(byte[] octets, int from, int end) {
        int i = from;
        if (afterCr && i < end) {
            bareLineEnd |= octets[i] != '\n';
            i += octets[i] == '\n' ? 1 : 0;
            afterCr = false;
        }
        for (i = Octets.lineEnd(octets, i, end); i < end; i = Octets.lineEnd(octets, i, end)) {
            boolean cr = octets[i] == '\r';
            if (cr && i + 1 == end) {
                afterCr = true;
                return;
            }
            boolean crLf = cr && octets[i + 1] == '\n';
            bareLineEnd |= !crLf;
            i += crLf ? 2 : 1;
        }
    }

    @Override
    public boolean ended() {
        return left == 0 && last;
    }

    @Override
    public int unread() {
        return unread;
    }

    @Override
    public boolean bareLineEnd() {
        return bareLineEnd || ended() && afterCr;
    }
}
