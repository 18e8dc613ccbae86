package org.postroad.ingress;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Notify;

/**
 * What a client says with RCPT beside the recipient (RFC 3461).
 *
 * @param wanted what it wants to hear of; empty where it did not say
 * @param originalRecipient ORCPT as it came, {@code type;xtext}; null for none
 */
record RcptOptions(List<Notify> wanted, @Nullable String originalRecipient) {
    static final RcptOptions NONE = new RcptOptions(List.of(), null);

    boolean asksForReports() {
        return !wanted.isEmpty() || originalRecipient != null;
    }

    /** RFC 6533 section 3: where it may, an address may stand in UTF-8. */
    boolean needsSmtpUtf8() {
        return originalRecipient != null && !CommandParser.isAscii(originalRecipient);
    }
}
