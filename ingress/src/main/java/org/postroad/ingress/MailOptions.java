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
 */
record MailOptions(
        long size,
        Body body,
        boolean smtpUtf8,
        @Nullable Ret ret,
        @Nullable String envelopeId,
        @Nullable ReleaseTime release) {
    static final MailOptions NONE = new MailOptions(-1, Body.SEVEN_BIT, false, null, null, null);

    /** Whether it has parameters of RFC 3461. */
    boolean asksForReports() {
        return ret != null || envelopeId != null;
    }
}
