package org.postroad.ingress;

/** How content is told from what follows it, and is what it was before it was sent: after DATA or after BDAT. */
interface ContentDecoder {
    /**
     * Decodes {@code octets[from, to)} in place.
     *
     * @return where the decoded octets end; what follows the content's end is left where it was, {@link #unread} long
     */
    int decode(byte[] octets, int from, int to);

    /** Whether the end has been seen. */
    boolean ended();

    /** Whether it takes octets now: not at its end, nor where it has to be said how it goes on. */
    boolean wantsMore();

    /** Octets of the last call that came after the end. */
    int unread();

    /** Whether dots that begin lines are doubled on the way to it (RFC 5321 section 4.5.2). */
    boolean isDotted();

    /** Whether a CR without LF or an LF without CR has been seen. */
    boolean bareLineEnd();
}
