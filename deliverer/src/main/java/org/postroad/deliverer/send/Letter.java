package org.postroad.deliverer.send;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.content.HeaderSection;
import org.postroad.deliverer.content.MailContent;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.fate.Outcomes;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.schemas.Body;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.RequireTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An envelope as SMTP can say it: addresses checked again, because what came from Kafka must not end a command early.
 */
final class Letter {
    private static final Logger LOG = LoggerFactory.getLogger(Letter.class);

    private final Envelope envelope;
    private final MailContent content;
    private final @Nullable String reversePath;
    private final List<@Nullable Mailbox> recipients;
    private final boolean utf8Address;
    private boolean utf8Wanted;
    private boolean headerUnknown;

    private Letter(Envelope envelope, ContentSource source) {
        this.envelope = envelope;
        this.content = MailContent.of(envelope, source);
        this.reversePath = checkedPath(envelope.getReversePath());
        this.recipients = new ArrayList<>(envelope.getRecipients().size());
        boolean utf8 = needsSmtpUtf8(reversePath);
        for (Recipient recipient : envelope.getRecipients()) {
            Mailbox mailbox = checked(recipient.getAddress());
            recipients.add(mailbox);
            utf8 |= mailbox != null && mailbox.needsSmtpUtf8();
        }
        this.utf8Address = utf8;
        boolean undecided = !utf8 && envelope.getSmtpUtf8();
        this.utf8Wanted = utf8 || undecided && hasUtf8Header();
        this.headerUnknown = undecided && !utf8Wanted && content.reference() != null;
    }

    static Letter of(Envelope envelope, ContentSource source) {
        return new Letter(envelope, source);
    }

    MailContent content() {
        return content;
    }

    /** Decides what no command can say. */
    void judgeAddresses(Outcomes outcomes, ReplySource said) {
        if (reversePath == null) {
            outcomes.judgeOpen(RoutePolicy.badReversePath(said));
        }
        for (int i = 0; i < recipients.size(); i++) {
            if (recipients.get(i) == null) {
                outcomes.judge(i, RoutePolicy.badRecipient(said));
            }
        }
    }

    /** Whether the first chunk of its content must be read before anybody can say what it needs; rare. */
    boolean isHeaderUnknown() {
        return headerUnknown;
    }

    /**
     * Reads the beginning of content that is not at hand, on the loop given, and finds out what its header section needs; then hears
     * null, or the outcome of mail whose content cannot be had. It is not kept: the reader has it at hand for a while.
     */
    void readBeginning(EventExecutor loop, Consumer<@Nullable Outcome> then) {
        ContentRef reference = content.reference();
        if (reference == null) {
            then.accept(null);
            return;
        }
        content.source().read(reference, 0, loop, (chunk, gone) -> {
            if (chunk != null) {
                if (headerUnknown) {
                    headerKnown(chunk.octets());
                }
                then.accept(null);
            } else if (gone) {
                LOG.atError().addKeyValue("queueId", envelope.getQueueId()).log("ALARM: its content is gone");
                then.accept(new Outcome.Held("its content is gone"));
            } else {
                then.accept(FailurePolicy.unreadable("its content cannot be read now"));
            }
        });
    }

    /** RFC 6531 section 3.6: the header section decides, and of one larger than a chunk its beginning. */
    private void headerKnown(byte[] firstChunk) {
        ByteBuffer chunk = ByteBuffer.wrap(firstChunk);
        utf8Wanted |= hasEightBits(chunk, HeaderSection.end(chunk));
        headerUnknown = false;
    }

    /** Whether an exchanger without SMTPUTF8 must not get it. */
    boolean needsSmtpUtf8() {
        return utf8Wanted;
    }

    /** Whether its sender wants it to go encrypted, to exchangers that are proven and promise the same, or not at all (RFC 8689). */
    boolean requiresTls() {
        return RequireTls.isAskedFor(envelope);
    }

    /** Whether it may go to no exchanger that does not promise so; a report may, rather than be lost (RFC 8689 section 5). */
    boolean requiresPromises() {
        return requiresTls() && !envelope.getReversePath().isEmpty();
    }

    /**
     * One transaction for some of its recipients, in the form that this exchanger understands.
     *
     * @param requiringTls whether the exchanger is asked to require it too
     */
    Transaction transaction(Transaction.Sender sender, int[] which, Capabilities offered, boolean requiringTls) {
        List<String> addresses = new ArrayList<>(which.length);
        for (int index : which) {
            String address = recipient(index, offered);
            Recipient recipient = envelope.getRecipients().get(index);
            addresses.add(offered.dsn() ? ReportParameters.rcpt(address, recipient) : address);
        }
        boolean eightBit = envelope.getBody() == Body.EIGHT_BIT_MIME || utf8Wanted;
        String path = reversePath(offered);
        String reported = offered.dsn() ? ReportParameters.mail(path, envelope) : path;
        String from = requiringTls ? requiringTls(reported) : reported;
        return new Transaction(sender, from, addresses, eightBit, utf8Wanted, offered.dsn(), content);
    }

    private static String requiringTls(String path) {
        return (path.startsWith("<") ? path : "<" + path + ">") + " REQUIRETLS";
    }

    private String reversePath(Capabilities offered) {
        String path = reversePath == null ? "" : reversePath;
        boolean asIs = isAscii(path) || offered.smtpUtf8() && utf8Wanted;
        Mailbox mailbox = asIs ? null : Mailbox.parse(path, true);
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

    /** A domain has A-labels; only a local-part in UTF-8 has no other form. */
    private static boolean needsSmtpUtf8(@Nullable String path) {
        Mailbox mailbox = path == null || isAscii(path) ? null : checked(path);
        return mailbox != null && mailbox.needsSmtpUtf8();
    }

    private static @Nullable String checkedPath(String path) {
        return path.isEmpty() || checked(path) != null ? path : null;
    }

    private static @Nullable Mailbox checked(String address) {
        return Mailbox.parse(address, true);
    }

    /** Of referenced content only the lines we add are at hand. */
    private boolean hasUtf8Header() {
        return hasEightBits(envelope.getPrepend(), Integer.MAX_VALUE)
                || content.reference() == null && hasEightBits(inline(), HeaderSection.end(inline()));
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
