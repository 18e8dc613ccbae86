package org.postroad.ingress;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;

/** MAIL and the recipients that followed it; a recipient named twice is one recipient. Confined to its session. */
final class Transaction {
    private final Origin origin;
    private final Command.Mail mail;
    private final Map<Mailbox, Recipient> recipients = new LinkedHashMap<>(4);

    Transaction(Origin origin, Command.Mail mail) {
        this.origin = origin;
        this.mail = mail;
    }

    /** Whether there was room for one more; {@code CapsFitTest} shows that so many always fit the envelope. */
    boolean add(Mailbox mailbox) {
        if (recipients.size() == Caps.RECIPIENTS) {
            return false;
        }
        Mailbox sameInAnyCase = new Mailbox(mailbox.localPart(), mailbox.canonicalDomain());
        recipients.putIfAbsent(sameInAnyCase, new Recipient(mailbox.toString(), List.of(), null, 0, 0, null));
        return true;
    }

    Origin origin() {
        return origin;
    }

    String reversePath() {
        return mail.reversePath();
    }

    /** Octets the client announced, or -1. */
    long declaredSize() {
        return mail.size();
    }

    Body body() {
        return mail.body();
    }

    boolean smtpUtf8() {
        return mail.smtpUtf8();
    }

    List<Recipient> recipients() {
        return new ArrayList<>(recipients.values());
    }

    boolean hasRecipients() {
        return !recipients.isEmpty();
    }

    /** The recipient's address if there is exactly one. */
    @Nullable
    String onlyRecipient() {
        return recipients.size() == 1 ? recipients.values().iterator().next().getAddress() : null;
    }
}
