package org.postroad.deliverer.send;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.deliverer.smtp.MailContent;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.ContentSource;
import org.postroad.schemas.Body;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;

/**
 * An envelope as SMTP can say it: addresses checked again, because what came from Kafka must not end a command early.
 */
final class Letter {
    private final Envelope envelope;
    private final MailContent content;
    private final @Nullable String reversePath;
    private final List<@Nullable Mailbox> recipients;
    private final boolean utf8Wanted;
    private final boolean utf8Address;

    private Letter(Envelope envelope, ContentSource source) {
        this.envelope = envelope;
        this.content = MailContent.of(envelope, source);
        this.reversePath = checkedPath(envelope.getReversePath());
        this.recipients = new ArrayList<>(envelope.getRecipients().size());
        boolean utf8 = reversePath != null && !isAscii(reversePath);
        for (Recipient recipient : envelope.getRecipients()) {
            Mailbox mailbox = checked(recipient.getAddress());
            recipients.add(mailbox);
            utf8 |= mailbox != null && mailbox.needsSmtpUtf8();
        }
        this.utf8Address = utf8;
        this.utf8Wanted = utf8 || envelope.getSmtpUtf8() && hasUtf8Header();
    }

    static Letter of(Envelope envelope, ContentSource source) {
        return new Letter(envelope, source);
    }

    MailContent content() {
        return content;
    }

    /** Ends those recipients whose addresses cannot be put into a command. */
    void judgeAddresses(Fates fates, Words words) {
        if (reversePath == null) {
            fates.judgeOpen(RoutePolicy.badReversePath(words));
        }
        for (int i = 0; i < recipients.size(); i++) {
            if (recipients.get(i) == null) {
                fates.judge(i, RoutePolicy.badRecipient(words));
            }
        }
    }

    /** Whether a hop without SMTPUTF8 must not get it. */
    boolean needsSmtpUtf8() {
        return utf8Wanted;
    }

    /** One transaction for some of its recipients, in the form that this exchanger understands. */
    Transaction transaction(Transaction.Sender sender, int[] which, Capabilities offered) {
        List<String> addresses = new ArrayList<>(which.length);
        for (int index : which) {
            addresses.add(recipient(index, offered));
        }
        boolean eightBit = envelope.getBody() == Body.EIGHT_BIT_MIME || utf8Wanted;
        return new Transaction(sender, reversePath(offered), addresses, eightBit, utf8Wanted, content);
    }

    private String reversePath(Capabilities offered) {
        String path = reversePath == null ? "" : reversePath;
        Mailbox mailbox = isAscii(path) || offered.smtpUtf8() ? null : Mailbox.parse(path, true);
        return mailbox == null ? path : inAscii(mailbox);
    }

    /** A domain goes as A-labels where the exchanger does not understand it otherwise (RFC 5890). */
    private String recipient(int index, Capabilities offered) {
        Mailbox mailbox = recipients.get(index);
        String address = envelope.getRecipients().get(index).getAddress();
        return mailbox == null || isAscii(address) || offered.smtpUtf8() && utf8Address ? address : inAscii(mailbox);
    }

    private static String inAscii(Mailbox mailbox) {
        String domain = Domain.isAddressLiteral(mailbox.domain()) ? mailbox.domain() : mailbox.canonicalDomain();
        return mailbox.localPart() + "@" + domain;
    }

    private static @Nullable String checkedPath(String path) {
        return path.isEmpty() || checked(path) != null ? path : null;
    }

    private static @Nullable Mailbox checked(String address) {
        return Mailbox.parse(address, true);
    }

    /** Of referenced content only the lines we add are at hand; its client declared SMTPUTF8, which is reason enough. */
    private boolean hasUtf8Header() {
        return content.reference() != null
                || hasEightBits(envelope.getPrepend(), Integer.MAX_VALUE)
                || hasEightBits(inline(), HeaderSection.end(inline()));
    }

    private ByteBuffer inline() {
        return ((InlineContent) envelope.getContent()).getOctets();
    }

    private static boolean hasEightBits(ByteBuffer octets, int upTo) {
        int end = Math.min(octets.remaining(), upTo);
        for (int i = 0; i < end; i++) {
            if (octets.get(octets.position() + i) < 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
