package org.postroad.router;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.OriginalRecipient;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.RequireTls;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Xtext;

/**
 * The content of a bounce, or of a report that mail left for where nobody reports: a multipart/report of RFC 6522 with prose, the
 * delivery status of RFC 3464 (RFC 6533 where an address needs it) and what the sender wants back: the header section, or all of the
 * content of what failed where it is at hand (RFC 3461 section 4.3).
 */
final class DeliveryReport {
    private static final String EXPIRED_STATUS = "4.4.7";
    private static final String UNDEFINED_STATUS = "5.0.0";
    private static final String SUCCESS_STATUS = "2.0.0";

    private final RouterConfig config;
    private final String queueId;
    private final Failure failure;
    private final List<Recipient> reported;
    private final long nowMillis;
    private final boolean international;

    /**
     * @param queueId the bounce's own
     * @param reported those of the failed recipients that the sender wants to hear of
     */
    DeliveryReport(RouterConfig config, String queueId, Failure failure, List<Recipient> reported, long nowMillis) {
        this.config = config;
        this.queueId = queueId;
        this.failure = failure;
        this.reported = reported;
        this.nowMillis = nowMillis;
        this.international =
                !ReportText.isAscii(plainSender()) || !reported.stream().allMatch(DeliveryReport::isAscii);
    }

    private static boolean isAscii(Recipient recipient) {
        String original = recipient.getOriginalRecipient();
        return ReportText.isAscii(plain(recipient)) && (original == null || ReportText.isAscii(original));
    }

    byte[] content() {
        byte[] prose = prose();
        byte[] status = status();
        byte[] returned = isWholeReturned() ? wholeContent() : headerSection();
        String boundary = boundary(prose, status, returned);
        ReportText report = new ReportText();
        head(report, boundary, isAllAscii(prose, status, returned));
        report.blank().line("This is a MIME-encapsulated message.");
        part(report, boundary, "text/plain; charset=" + (ReportText.isAscii(prose) ? "us-ascii" : "utf-8"), prose);
        part(report, boundary, "message/" + (international ? "global-delivery-status" : "delivery-status"), status);
        part(report, boundary, returnedType(returned), returned);
        report.blank().line("--" + boundary + "--");
        return report.octets();
    }

    private void head(ReportText report, String boundary, boolean ascii) {
        report.field("Date", ReportText.date(nowMillis))
                .field("From", "Mail Delivery System <" + config.postmaster() + ">")
                .field("To", "<" + ReportText.harmlessUtf8(plainSender()) + ">")
                .field("Subject", isRelayed() ? "Mail sent on" : "Undeliverable mail")
                .field("Message-ID", "<" + queueId + "@" + config.hostname() + ">")
                .field("Auto-Submitted", "auto-replied")
                .field("MIME-Version", "1.0")
                .field("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"" + boundary + "\"");
        if (!ascii) {
            report.field("Content-Transfer-Encoding", "8bit");
        }
    }

    private static void part(ReportText report, String boundary, String type, byte[] content) {
        report.blank().line("--" + boundary).field("Content-Type", type);
        if (!ReportText.isAscii(content)) {
            report.field("Content-Transfer-Encoding", "8bit");
        }
        report.blank().raw(content);
    }

    private byte[] prose() {
        ReportText text = new ReportText()
                .line("This is the mail system at " + config.hostname() + ".")
                .blank()
                .line("Your message, which came to us on "
                        + ReportText.date(failed().getReceived().getAt())
                        + (isRelayed()
                                ? ", was sent on to the exchangers of the recipients below, which send no reports of their own."
                                        + " You may hear nothing more of it."
                                : ", could not be delivered to the recipients below. It will not be tried again."));
        for (Recipient recipient : reported) {
            text.blank().line("<" + ReportText.harmlessUtf8(plain(recipient)) + ">");
            if (isExpired()) {
                text.indented("It was tried until its time was over. The last answer was:");
            }
            text.indented(words(recipient.getLastReply()));
            if (InDoubt.isSaidIn(recipient.getLastReply())) {
                text.indented(
                        "It may have arrived all the same: it was sent whole, and the answer to its end never came.");
            }
        }
        return text.blank()
                .line("Our queue id: " + ReportText.harmless(failed().getQueueId()))
                .octets();
    }

    private static String words(@Nullable LastReply reply) {
        if (reply == null) {
            return "No exchanger has answered.";
        }
        String who = reply.getExchanger();
        String said = reply.getCode() + " " + reply.getStatus() + " " + reply.getText();
        return ReportText.harmlessUtf8(who == null ? said : who + " said: " + said);
    }

    private byte[] status() {
        Envelope failed = failed();
        ReportText fields = new ReportText().field("Reporting-MTA", "dns; " + config.hostname());
        if (failed.getEnvelopeId() != null) {
            String decoded = Xtext.decode(failed.getEnvelopeId());
            fields.field(
                    "Original-Envelope-Id", ReportText.harmless(decoded == null ? failed.getEnvelopeId() : decoded));
        }
        fields.field("X-Postroad-Queue-ID", ReportText.harmless(failed.getQueueId()))
                .field("X-Postroad-Sender", addressType(plainSender()))
                .field("Arrival-Date", ReportText.date(failed.getReceived().getAt()));
        reported.forEach(recipient -> recipientFields(fields.blank(), recipient));
        return fields.octets();
    }

    private void recipientFields(ReportText fields, Recipient recipient) {
        String original = recipient.getOriginalRecipient();
        if (original != null) {
            fields.field("Original-Recipient", originalRecipient(original));
        }
        LastReply reply = recipient.getLastReply();
        fields.field("Final-Recipient", addressType(plain(recipient)))
                .field("Action", isRelayed() ? "relayed" : "failed")
                .field("Status", statusOf(reply));
        if (reply == null) {
            return;
        }
        String said = reply.getCode() + " " + reply.getStatus() + " " + reply.getText();
        String exchanger = reply.getExchanger();
        if (exchanger != null) {
            fields.field("Remote-MTA", "dns; " + ReportText.harmless(hostOf(exchanger)));
        }
        fields.field("Diagnostic-Code", (exchanger == null ? "X-Postroad; " : "smtp; ") + ReportText.harmless(said))
                .field("Last-Attempt-Date", ReportText.date(reply.getAt()));
    }

    private String statusOf(@Nullable LastReply reply) {
        if (isExpired()) {
            return EXPIRED_STATUS;
        }
        EnhancedStatus status = reply == null ? null : EnhancedStatus.startOf(reply.getStatus());
        if (status != null && status.category() == 2 == isRelayed()) {
            return status.toString();
        }
        return isRelayed() ? SUCCESS_STATUS : UNDEFINED_STATUS;
    }

    /** RFC 6533 section 3: only an address that needs it is of type utf-8. */
    private static String addressType(String address) {
        return (ReportText.isAscii(address) ? "rfc822; " : "utf-8; ") + ReportText.harmlessUtf8(address);
    }

    /** RFC 3464 section 2.3.1. */
    private static String originalRecipient(String parameter) {
        OriginalRecipient original = OriginalRecipient.parse(parameter);
        return original == null
                ? "rfc822; " + ReportText.harmless(parameter)
                : original.type() + "; " + ReportText.harmlessUtf8(original.address());
    }

    /** The host of "name[address]:port". */
    private static String hostOf(String exchanger) {
        int bracket = exchanger.indexOf('[');
        return bracket > 0 ? exchanger.substring(0, bracket) : exchanger;
    }

    /** Larger content is not at hand: its header section has to do, as with other systems; so it does where RFC 8689 section 5 has it. */
    private boolean isWholeReturned() {
        return failed().getRet() == Ret.FULL
                && !isRelayed()
                && !RequireTls.isAskedFor(failed())
                && failed().getContent() instanceof InlineContent;
    }

    private byte[] wholeContent() {
        return new ReportText()
                .raw(octetsOf(failed().getPrepend()))
                .raw(linesOf(((InlineContent) failed().getContent()).getOctets()))
                .octets();
    }

    /** With the lines that we added, since a Message-ID of ours is the only one the sender can ask about. */
    private byte[] headerSection() {
        byte[] added = octetsOf(failed().getPrepend());
        // Ours is all there is where it ends the section: what follows it is text.
        boolean isAll = added.length >= 4 && added[added.length - 3] == '\n' && added[added.length - 2] == '\r';
        return new ReportText()
                .raw(added)
                .raw(isAll ? new byte[0] : linesOf(failure.getHeaderBlock()))
                .octets();
    }

    private static byte[] octetsOf(ByteBuffer exact) {
        ByteBuffer block = exact.duplicate();
        byte[] octets = new byte[block.remaining()];
        block.get(octets);
        return octets;
    }

    private static byte[] linesOf(ByteBuffer exact) {
        byte[] octets = octetsOf(exact);
        if (octets.length == 0 || octets[octets.length - 1] == '\n') {
            return octets;
        }
        // It may end anywhere, and the boundary needs a line of its own.
        boolean halfEnded = octets[octets.length - 1] == '\r';
        return new ReportText()
                .raw(octets)
                .raw((halfEnded ? "\n" : "\r\n").getBytes(US_ASCII))
                .octets();
    }

    private String returnedType(byte[] returned) {
        if (isWholeReturned()) {
            return failed().getSmtpUtf8() ? "message/global" : "message/rfc822";
        }
        return ReportText.isAscii(returned) || !isUtf8(returned) ? "text/rfc822-headers" : "message/global-headers";
    }

    private static boolean isUtf8(byte[] octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private String boundary(byte[]... parts) {
        for (int n = 0; ; n++) {
            String boundary = "=_" + queueId + "_" + n;
            boolean occurs = false;
            for (byte[] part : parts) {
                occurs |= new String(part, StandardCharsets.ISO_8859_1).contains(boundary);
            }
            if (!occurs) {
                return boundary;
            }
        }
    }

    private static boolean isAllAscii(byte[]... parts) {
        for (byte[] part : parts) {
            if (!ReportText.isAscii(part)) {
                return false;
            }
        }
        return true;
    }

    private boolean isRelayed() {
        return failure.getReason() == FailureReason.RELAYED;
    }

    private boolean isExpired() {
        return failure.getReason() == FailureReason.EXPIRED;
    }

    private String plainSender() {
        return ReportText.plainAddress(failed().getReversePath());
    }

    private static String plain(Recipient recipient) {
        return ReportText.plainAddress(recipient.getAddress());
    }

    private Envelope failed() {
        return failure.getEnvelope();
    }
}
