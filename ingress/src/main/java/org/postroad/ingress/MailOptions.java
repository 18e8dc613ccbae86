package org.postroad.ingress;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Ret;

/**
 * What a client says with MAIL beside the reverse-path.
 *
 * @param size octets announced, or -1
 * @param ret how much of the content a report of failure returns; null where it is for us to choose
 * @param envelopeId ENVID in xtext; null for none
 * @param release when it may be sent at the earliest; null for at once
 * @param requireTls whether it may go by TLS alone, to those who promise the same (RFC 8689)
 */
record MailOptions(
        long size,
        Body body,
        boolean smtpUtf8,
        @Nullable Ret ret,
        @Nullable String envelopeId,
        @Nullable ReleaseTime release,
        boolean requireTls) {
    static final MailOptions NONE = plain(-1, false);

    /** What most say: octets announced, or -1, and whether an address or a header needs SMTPUTF8. */
    static MailOptions plain(long size, boolean smtpUtf8) {
        return new MailOptions(size, Body.SEVEN_BIT, smtpUtf8, null, null, null, false);
    }

    /** Whether it has parameters of RFC 3461. */
    boolean asksForReports() {
        return ret != null || envelopeId != null;
    }
}
