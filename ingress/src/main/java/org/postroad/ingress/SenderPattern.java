package org.postroad.ingress;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Mailbox;

/**
 * Reverse-paths that a user may give: one mailbox, those of a domain, or those of all domains below one.
 *
 * <p>Local parts are compared without case: what differs in case alone is one mailbox nearly everywhere, and a user who may not use
 * another's name shall not come by it so.
 *
 * @param localPart in lower case; null for all of the domain
 * @param domain in lower case and A-labels
 * @param below whether domains below that one are meant
 */
public record SenderPattern(@Nullable String localPart, String domain, boolean below) {

    /**
     * {@code app@example.org}, {@code example.org} or {@code *.example.org}.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public static SenderPattern parse(String text) {
        if (text.indexOf('@') >= 0) {
            Mailbox mailbox = Mailbox.parse(text, true);
            if (mailbox == null) {
                throw new IllegalArgumentException(text);
            }
            return new SenderPattern(Ascii.lower(mailbox.localPart()), mailbox.canonicalDomain(), false);
        }
        boolean below = text.startsWith("*.");
        String domain = Domain.canonical(below ? text.substring(2) : text);
        if (!Domain.isWellFormed(domain, false)) {
            throw new IllegalArgumentException(text);
        }
        return new SenderPattern(null, domain, below);
    }

    boolean matches(Mailbox sender) {
        String itsDomain = sender.canonicalDomain();
        if (localPart != null && !localPart.equals(Ascii.lower(sender.localPart()))) {
            return false;
        }
        return below ? itsDomain.endsWith("." + domain) : itsDomain.equals(domain);
    }

    @Override
    public String toString() {
        return (localPart == null ? "" : localPart + "@") + (below ? "*." : "") + domain;
    }
}
