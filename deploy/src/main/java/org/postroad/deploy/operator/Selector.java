package org.postroad.deploy.operator;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Failure;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;

/**
 * Which mail an operator means: what fits every condition given; null where none is.
 *
 * @param domain of the recipients
 * @param status an enhanced status or reply code, {@code *} for any part: 4.7.*, 550
 * @param reply found anywhere in the reply's text
 * @param since milliseconds since 1970
 * @param until the same, not included
 */
public record Selector(
        @Nullable String domain,
        @Nullable String destination,
        @Nullable String sender,
        @Nullable String user,
        @Nullable String queueId,
        @Nullable String status,
        @Nullable Pattern reply,
        @Nullable Long since,
        @Nullable Long until) {

    /** Whom of a failure's recipients is meant: a reply is each recipient's own. */
    public List<Recipient> meant(Failure failure) {
        var envelope = failure.getEnvelope();
        boolean fits = fits(domain, Domain.canonical(failure.getDomain()))
                && fits(destination, failure.getDestination())
                && fits(sender, envelope.getReversePath())
                && (user == null || user.equals(envelope.getUser()))
                && fits(queueId, envelope.getQueueId())
                && (since == null || failure.getAt() >= since)
                && (until == null || failure.getAt() < until);
        return fits ? envelope.getRecipients().stream().filter(this::repliedSo).toList() : List.of();
    }

    private boolean repliedSo(Recipient recipient) {
        LastReply last = recipient.getLastReply();
        if (last == null) {
            return status == null && reply == null;
        }
        return (status == null || hasStatus(last, status))
                && (reply == null || reply.matcher(last.getText()).find());
    }

    private static boolean hasStatus(LastReply reply, String status) {
        Pattern form = Pattern.compile(status.replace(".", "\\.").replace("*", "[0-9]+"));
        return form.matcher(reply.getStatus()).matches()
                || form.matcher(Integer.toString(reply.getCode())).matches();
    }

    private static boolean fits(@Nullable String wanted, String found) {
        return wanted == null || Ascii.lower(wanted).equals(Ascii.lower(found));
    }
}
