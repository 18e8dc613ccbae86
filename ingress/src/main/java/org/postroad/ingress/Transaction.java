package org.postroad.ingress;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Body;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;

/**
 * MAIL and the recipients that followed it; a recipient named twice is one recipient. What it keeps counts in the octet budget, since
 * thousands of recipients of thousands of silent sessions would fill the heap. Confined to its session.
 */
final class Transaction {
    /** Of the objects that a recipient is, beside the characters of its address. */
    private static final int OBJECT_OCTETS = 256;

    /** Of a recipient's other fields in the envelope, while they are empty. */
    private static final int FIELDS_OCTETS = 12;

    /** SUCCESS, FAILURE and DELAY with what holds a list together. */
    private static final int MOST_NOTIFY_OCTETS = 4;

    /** Before a text. */
    private static final int LENGTH_OCTETS = 2;

    private final Origin origin;
    private final Command.Mail mail;
    private final Map<Mailbox, Recipient> recipients = new LinkedHashMap<>(4);
    private final OctetBudget budget;
    private Map<String, String> meta = Map.of();
    private Body body;
    private boolean mayComeAgain;
    private int held;
    private int encodedOctets;

    Transaction(Origin origin, Command.Mail mail, OctetBudget budget) {
        this.origin = origin;
        this.mail = mail;
        this.body = mail.options().body();
        this.budget = budget;
    }

    /** What became of a recipient. */
    enum Added {
        TAKEN,
        /** It was named before. */
        KNOWN,
        /** The message has as many as it may have, or as fit its envelope. */
        TOO_MANY,
        /** There is no memory for it now. */
        NO_ROOM
    }

    Added add(Mailbox mailbox, RcptOptions options) {
        String address = mailbox.toString();
        String original = options.originalRecipient();
        int encoded = FIELDS_OCTETS + ByteBufUtil.utf8Bytes(address);
        if (options.asksForReports()) {
            encoded += MOST_NOTIFY_OCTETS + (original == null ? 0 : LENGTH_OCTETS + ByteBufUtil.utf8Bytes(original));
        }
        if (recipients.size() >= origin.client().listener().limits().recipients()
                || encodedOctets + encoded > Caps.RECIPIENTS_OCTETS) {
            return Added.TOO_MANY;
        }
        // the address as written and as compared
        int octets = OBJECT_OCTETS + 2 * address.length() + (original == null ? 0 : original.length());
        if (budget.isExhausted(octets)) {
            return Added.NO_ROOM;
        }
        Mailbox sameInAnyCase = new Mailbox(mailbox.localPart(), mailbox.canonicalDomain());
        Recipient recipient = new Recipient(address, options.wanted(), original, 0, 0, null);
        if (recipients.putIfAbsent(sameInAnyCase, recipient) != null) {
            return Added.KNOWN;
        }
        budget.take(octets);
        held += octets;
        encodedOctets += encoded;
        return Added.TAKEN;
    }

    /** Its end, whatever came of it. */
    void release() {
        budget.give(held);
        held = 0;
    }

    /** What its client wants kept with it. */
    void note(Map<String, String> wanted) {
        meta = wanted;
    }

    /** It may be written again, under the same queue id. */
    void markRepeatable() {
        mayComeAgain = true;
    }

    boolean mayComeAgain() {
        return mayComeAgain;
    }

    /** Its content has octets beyond ASCII. */
    void hasEightBit() {
        body = Body.EIGHT_BIT_MIME;
    }

    Body body() {
        return body;
    }

    Map<String, String> meta() {
        return meta;
    }

    Origin origin() {
        return origin;
    }

    String reversePath() {
        return mail.reversePath();
    }

    MailOptions options() {
        return mail.options();
    }

    boolean smtpUtf8() {
        return mail.options().smtpUtf8();
    }

    List<Recipient> recipients() {
        return new ArrayList<>(recipients.values());
    }

    int recipientCount() {
        return recipients.size();
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
