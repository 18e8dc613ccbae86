package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;

/**
 * The mails that a request is made into: one for all its recipients, or one for each where something stands for each of them. Whatever
 * could go wrong with the last of them is found before the first is sent.
 */
public final class MailPlan {
    /** Of one character of a value in HTML: a quotation mark becomes six. */
    private static final int MOST_ESCAPED = 6;

    /** Of a header field, beside its value. */
    private static final int FIELD_OCTETS = 64;

    private MailPlan() {}

    /**
     * One mail of a request.
     *
     * @param shownTo the only one in its {@code To:}; null where that names all
     * @param values what its placeholders stand for; null where there are none, so that braces are braces
     * @param octets of its content, about, and rather too many
     */
    public record Mail(
            List<Mailbox> recipients,
            @Nullable NamedAddress shownTo,
            @Nullable Map<String, String> values,
            long octets) {

        /** Whether an address in it, or of its envelope, has no form in ASCII (RFC 6531). */
        public boolean needsSmtpUtf8(Post post) {
            Post.Addressing all = post.addressing();
            List<NamedAddress> named = new ArrayList<>(all.replyTo());
            named.add(all.from());
            if (shownTo == null) {
                named.addAll(all.recipients());
            } else {
                named.add(shownTo);
            }
            return !isAscii(all.reversePath())
                    || !named.stream().allMatch(each -> isAscii(each.mailbox().toString()));
        }

        private static boolean isAscii(String text) {
            return text.chars().allMatch(c -> c < 0x80);
        }
    }

    /**
     * Plans it.
     *
     * @param mostOctets of all mails together
     */
    public static List<Mail> of(Post post, long mostOctets) throws UnfitRequestException {
        Map<Mailbox, NamedAddress> recipients = new LinkedHashMap<>();
        for (NamedAddress recipient : post.addressing().recipients()) {
            recipients.putIfAbsent(same(recipient.mailbox()), recipient);
        }
        if (recipients.size() > Caps.RECIPIENTS) {
            throw new UnfitRequestException(400, "to", "more than " + Caps.RECIPIENTS + " recipients");
        }
        long each = encoded(post);
        if (post.substitutions().isEmpty()) {
            within(each, mostOctets);
            List<Mailbox> all =
                    recipients.values().stream().map(NamedAddress::mailbox).toList();
            long shown = named(post.addressing().recipients()); // whoever is named twice stands there twice
            return List.of(new Mail(all, null, null, each + shown));
        }
        return personal(post, recipients, each, mostOctets);
    }

    private static List<Mail> personal(Post post, Map<Mailbox, NamedAddress> recipients, long each, long mostOctets)
            throws UnfitRequestException {
        Post.Addressing addressing = post.addressing();
        if (!addressing.cc().isEmpty() || !addressing.bcc().isEmpty()) {
            throw new UnfitRequestException(
                    422,
                    addressing.cc().isEmpty() ? "bcc" : "cc",
                    "with substitutions each recipient in to gets a mail of its own");
        }
        Map<Mailbox, Map<String, String>> values = post.substitutions();
        for (Mailbox named : values.keySet()) {
            if (!recipients.containsKey(named)) {
                throw new UnfitRequestException(422, "substitutions." + named, "no recipient in to");
            }
        }
        Set<String> inSubject = Placeholders.in(post.texts().subject());
        Set<String> all = new LinkedHashSet<>(inSubject);
        for (String text : texts(post)) {
            all.addAll(Placeholders.in(text));
        }
        List<Mail> mails = new ArrayList<>();
        long octets = 0;
        for (Map.Entry<Mailbox, NamedAddress> recipient : recipients.entrySet()) {
            Map<String, String> its = values.getOrDefault(recipient.getKey(), Map.of());
            check(recipient.getKey(), its, inSubject, all);
            NamedAddress shownTo = recipient.getValue();
            long itsOctets = each + most(post, its) + named(List.of(shownTo));
            octets += itsOctets;
            within(octets, mostOctets);
            mails.add(new Mail(List.of(shownTo.mailbox()), shownTo, its, itsOctets));
        }
        return mails;
    }

    private static void check(Mailbox recipient, Map<String, String> values, Set<String> inSubject, Set<String> all)
            throws UnfitRequestException {
        for (String name : all) {
            String field = "substitutions." + recipient + "." + name;
            String value = values.get(name);
            if (value == null) {
                throw new UnfitRequestException(422, field, "missing, and a text has a place for it");
            }
            if (inSubject.contains(name) && (Controls.isIn(value) || value.length() > 1_000)) {
                throw new UnfitRequestException(
                        400, field, "too long for a subject, or has a line end or another control character");
            }
        }
    }

    private static List<String> texts(Post post) {
        List<String> texts = new ArrayList<>();
        if (post.texts().text() != null) {
            texts.add(post.texts().text());
        }
        if (post.texts().html() != null) {
            texts.add(post.texts().html());
        }
        return texts;
    }

    /** What the values may add to the texts, at most. */
    private static long most(Post post, Map<String, String> values) {
        long octets = 0;
        for (String text : texts(post)) {
            int braces = 0;
            for (int i = text.indexOf("{{"); i >= 0; i = text.indexOf("{{", i + 2)) {
                braces++;
            }
            if (braces > 0) {
                long longest =
                        values.values().stream().mapToLong(String::length).max().orElse(0);
                octets += braces * longest * MOST_ESCAPED;
            }
        }
        return octets;
    }

    /** What it takes as MIME, about: Base64 and quoted-printable make more of it. */
    private static long encoded(Post post) {
        long octets = 0;
        for (String text : texts(post)) {
            octets += text.getBytes(UTF_8).length;
        }
        for (Post.Attachment attachment : post.attachments()) {
            octets += attachment.content().length;
        }
        return octets + octets * 2 / 5 + header(post);
    }

    /** What its header section takes, but for those it goes to; encoded words make some two octets of one. */
    private static long header(Post post) {
        long octets = inField(post.texts().subject()) + named(post.addressing().replyTo());
        for (Map.Entry<String, String> field : post.headers().entrySet()) {
            octets += FIELD_OCTETS + field.getKey().length() + inField(field.getValue());
        }
        return octets
                + named(List.of(post.addressing().from()))
                + (long) FIELD_OCTETS * post.attachments().size();
    }

    private static long named(Collection<NamedAddress> addresses) {
        long octets = 0;
        for (NamedAddress each : addresses) {
            String name = each.name();
            octets += FIELD_OCTETS + 2L * each.mailbox().toString().length() + (name == null ? 0 : inField(name));
        }
        return octets;
    }

    private static long inField(String text) {
        return 2L * text.getBytes(UTF_8).length;
    }

    private static void within(long octets, long most) throws UnfitRequestException {
        if (octets > most) {
            throw new UnfitRequestException(413, null, "all mails of a request together may have " + most + " octets");
        }
    }

    /** Each of them once, as it stands first: domains have no case. */
    static List<Mailbox> distinct(List<Mailbox> recipients) {
        Map<Mailbox, Mailbox> first = new LinkedHashMap<>();
        recipients.forEach(recipient -> first.putIfAbsent(same(recipient), recipient));
        return List.copyOf(first.values());
    }

    /** What mailboxes that differ in the case of their domain have in common. */
    static Mailbox same(Mailbox mailbox) {
        return new Mailbox(mailbox.localPart(), mailbox.canonicalDomain());
    }
}
