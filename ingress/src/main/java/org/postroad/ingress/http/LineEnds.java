package org.postroad.ingress.http;

/** Makes every line of content that comes in pieces end in CRLF; confined to one body. A CR alone is no line end, and is told. */
public final class LineEnds {
    private boolean afterCr;
    private boolean afterLf = true;
    private boolean loneCr;

    /** What hears the octets. */
    public interface Octets {
        void write(int octet);
    }

    /** The next octet as it came. */
    public void take(byte octet, Octets out) {
        loneCr |= afterCr && octet != '\n';
        if (octet == '\n' && !afterCr) {
            out.write('\r');
        }
        out.write(octet);
        afterCr = octet == '\r';
        afterLf = octet == '\n';
    }

    /** There are no more: the last line ends here, if it has not. */
    public void end(Octets out) {
        loneCr |= afterCr;
        if (!afterLf) {
            out.write('\r');
            out.write('\n');
        }
    }

    /** Whether a CR stood anywhere but before an LF. */
    public boolean hasLoneCr() {
        return loneCr;
    }
}
