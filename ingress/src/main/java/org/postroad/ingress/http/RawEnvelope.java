package org.postroad.ingress.http;

import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.Mailbox;

/**
 * Who sends a raw message and who gets it, as the query of its request says: {@code ?from=a@example.org&to=b@example.org&to=...}. The
 * header section of the message is not asked: a blind copy would have nowhere to stand.
 *
 * @param reversePath empty for the null reverse-path
 * @param needsSmtpUtf8 whether one of these addresses, or the header section, has characters beyond ASCII (RFC 6531)
 */
public record RawEnvelope(String reversePath, List<Mailbox> recipients, boolean needsSmtpUtf8) {

    public static RawEnvelope of(RequestHead head) throws UnfitRequestException {
        List<String> senders = head.parameters("from");
        if (senders.size() != 1) {
            throw new UnfitRequestException(
                    400, "from", senders.isEmpty() ? "missing in the query" : "more than one in the query");
        }
        String sender = senders.get(0);
        if (!sender.isEmpty() && Mailbox.parse(sender, true) == null) {
            throw new UnfitRequestException(400, "from", "neither a mail address nor empty");
        }
        List<Mailbox> recipients = new ArrayList<>();
        for (String text : head.parameters("to")) {
            Mailbox recipient = Mailbox.parse(text, true);
            if (recipient == null) {
                throw new UnfitRequestException(400, "to[" + recipients.size() + "]", "not a mail address");
            }
            recipients.add(recipient);
        }
        if (recipients.isEmpty()) {
            throw new UnfitRequestException(400, "to", "missing in the query");
        }
        boolean ascii = isAscii(sender) && recipients.stream().allMatch(each -> isAscii(each.toString()));
        return new RawEnvelope(sender, recipients, head.isGlobal() || !ascii);
    }

    /** Each recipient once, as it was written first. */
    public List<String> recipientAddresses() {
        return MailPlan.distinct(recipients).stream().map(Mailbox::toString).toList();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }
}
