package org.postroad.ingress.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Mailbox;

/**
 * Mail as a JSON request describes it; every field is checked for itself.
 *
 * @param headers in the order given; no value holds a control character
 * @param meta goes with the envelope, not with the content
 * @param substitutions by recipient, its domain in lower case, what its placeholders stand for; empty where the mail is one for all
 */
public record Post(
        Addressing addressing,
        Texts texts,
        List<Attachment> attachments,
        Map<String, String> headers,
        Map<String, String> meta,
        Map<Mailbox, Map<String, String>> substitutions) {

    /**
     * From whom and to whom.
     *
     * @param sender the reverse-path; null where it is that of {@code from}, empty for the null reverse-path
     */
    public record Addressing(
            NamedAddress from,
            @Nullable String sender,
            List<NamedAddress> replyTo,
            List<NamedAddress> to,
            List<NamedAddress> cc,
            List<NamedAddress> bcc) {

        /** Everybody who gets it. */
        List<NamedAddress> recipients() {
            List<NamedAddress> all = new ArrayList<>(to);
            all.addAll(cc);
            all.addAll(bcc);
            return all;
        }

        /** Empty for the null reverse-path. */
        public String reversePath() {
            return sender == null ? from.mailbox().toString() : sender;
        }
    }

    /** What is read; text or HTML may be missing, or both where there are attachments. */
    public record Texts(
            String subject, @Nullable String text, @Nullable String html) {}

    /**
     * A file.
     *
     * @param type such as {@code image/png}
     * @param contentId what {@code cid:} in HTML names it by; null for one that is not shown in it
     */
    public record Attachment(
            String name,
            String type,
            byte[] content,
            @Nullable String contentId) {}
}
