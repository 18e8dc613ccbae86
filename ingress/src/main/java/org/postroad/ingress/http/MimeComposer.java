package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.message.BasicBodyFactory;
import org.apache.james.mime4j.message.BodyPart;
import org.apache.james.mime4j.message.DefaultMessageWriter;
import org.apache.james.mime4j.message.HeaderImpl;
import org.apache.james.mime4j.message.MessageImpl;
import org.apache.james.mime4j.message.MultipartImpl;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Post.Attachment;

/**
 * Makes the octets of a mail (RFC 5322, MIME) from what a request says; the same for the same arguments.
 *
 * <p>Texts are ASCII as they are where their lines allow, else quoted-printable, and files are Base64, so no server on the way has to
 * offer anything for them.
 */
public final class MimeComposer {
    private static final String NEW_LINE = "\r\n";

    /** RFC 5322 section 2.1.1. */
    private static final int LONGEST_LINE = 998;

    private MimeComposer() {}

    /**
     * The content, every line of which ends in CRLF; its date and its id are added when it is taken, unless it brings an id.
     *
     * @param seed of the boundaries between parts: letters and digits that stand nowhere else
     */
    public static byte[] compose(Post post, MailPlan.Mail mail, String seed) {
        MessageImpl message = new MessageImpl();
        message.setHeader(new HeaderImpl());
        headers(message, post, mail);
        fill(message, post, mail, seed);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try {
            new DefaultMessageWriter().writeMessage((Message) message, octets);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        } finally {
            message.dispose();
        }
        return ended(octets);
    }

    private static byte[] ended(ByteArrayOutputStream octets) {
        byte[] content = octets.toByteArray();
        if (content[content.length - 1] == '\n') {
            return content;
        }
        octets.writeBytes(NEW_LINE.getBytes(US_ASCII));
        return octets.toByteArray();
    }

    private static void headers(MessageImpl message, Post post, MailPlan.Mail mail) {
        Post.Addressing addressing = post.addressing();
        HeaderField.addAddresses(message, "From", List.of(addressing.from()));
        HeaderField.addAddresses(message, "Reply-To", addressing.replyTo());
        if (mail.shownTo() == null) {
            HeaderField.addAddresses(message, "To", addressing.to());
            HeaderField.addAddresses(message, "Cc", addressing.cc());
            if (addressing.to().isEmpty() && addressing.cc().isEmpty()) {
                HeaderField.add(message, "To", "undisclosed-recipients:;");
            }
        } else {
            HeaderField.addAddresses(message, "To", List.of(mail.shownTo()));
        }
        String subject = post.texts().subject();
        HeaderField.addText(
                message, "Subject", mail.values() == null ? subject : Placeholders.replaced(subject, mail.values()));
        post.headers().forEach((name, value) -> HeaderField.addText(message, name, value));
        HeaderField.add(message, "MIME-Version", "1.0");
    }

    private static void fill(Entity whole, Post post, MailPlan.Mail mail, String seed) {
        List<Entity> files = new ArrayList<>();
        List<Entity> shown = new ArrayList<>();
        boolean html = post.texts().html() != null;
        for (Attachment attachment : post.attachments()) {
            (html && attachment.contentId() != null ? shown : files).add(file(attachment));
        }
        List<Entity> readings = readings(post.texts(), mail.values(), shown, seed);
        List<Entity> parts = new ArrayList<>();
        if (readings.size() == 1) {
            parts.addAll(readings);
        } else if (!readings.isEmpty()) {
            parts.add(part(multipart("alternative", seed + "a", readings)));
        }
        parts.addAll(files);
        move(parts.size() == 1 ? parts.get(0) : part(multipart("mixed", seed + "m", parts)), whole);
    }

    /** The same in text and in HTML, the best last (RFC 2046 section 5.1.4). */
    private static List<Entity> readings(
            Post.Texts texts, @Nullable Map<String, String> values, List<Entity> shown, String seed) {
        List<Entity> readings = new ArrayList<>();
        if (texts.text() != null) {
            readings.add(text(values == null ? texts.text() : Placeholders.replaced(texts.text(), values), "plain"));
        }
        if (texts.html() != null) {
            Entity html =
                    text(values == null ? texts.html() : Placeholders.replacedInHtml(texts.html(), values), "html");
            if (shown.isEmpty()) {
                readings.add(html);
            } else {
                List<Entity> related = new ArrayList<>(List.of(html));
                related.addAll(shown);
                readings.add(part(multipart("related", seed + "r", related)));
            }
        }
        return readings;
    }

    private static Part multipart(String subtype, String boundary, List<Entity> parts) {
        Multipart multipart = new MultipartImpl(subtype);
        parts.forEach(multipart::addBodyPart);
        // "=_" stands in no text that is quoted-printable or Base64 (RFC 2045 section 6.7).
        String type = "multipart/" + subtype + "; boundary=\"=_" + boundary + "\"";
        return new Part(multipart, type, "7bit");
    }

    /** What an entity is filled with. */
    private record Part(Body body, String type, String encoding) {}

    private static Entity part(Part part) {
        BodyPart entity = new BodyPart();
        entity.setHeader(new HeaderImpl());
        HeaderField.add(entity, "Content-Type", part.type());
        HeaderField.add(entity, "Content-Transfer-Encoding", part.encoding());
        entity.setBody(part.body());
        return entity;
    }

    /** The content of a lone part is that of the whole message. */
    private static void move(Entity part, Entity whole) {
        part.getHeader().getFields().forEach(whole.getHeader()::addField);
        Body body = part.getBody();
        ((BodyPart) part).removeBody();
        whole.setBody(body);
    }

    private static Entity text(String text, String subtype) {
        String lines = withCrLf(text);
        return part(new Part(
                BasicBodyFactory.INSTANCE.textBody(lines, UTF_8),
                "text/" + subtype + "; charset=utf-8",
                isSentAsItIs(lines) ? "7bit" : shortest(lines)));
    }

    /** Quoted-printable makes three octets of each that is not ASCII, Base64 four of every three. */
    private static String shortest(String lines) {
        long beyondAscii = lines.chars().filter(c -> c >= 0x80).count();
        return beyondAscii * 6 > lines.length() ? "base64" : "quoted-printable";
    }

    private static Entity file(Attachment attachment) {
        Entity part =
                part(new Part(BasicBodyFactory.INSTANCE.binaryBody(attachment.content()), attachment.type(), "base64"));
        String disposition = attachment.contentId() == null ? "attachment" : "inline";
        HeaderField.add(part, "Content-Disposition", disposition + HeaderField.fileName(attachment.name()));
        if (attachment.contentId() != null) {
            HeaderField.add(part, "Content-ID", "<" + attachment.contentId() + ">");
        }
        return part;
    }

    /** Whatever line ends it has, at the end of the last line too. */
    static String withCrLf(String text) {
        StringBuilder lines = new StringBuilder(text.length() + 32);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n') {
                lines.append(NEW_LINE);
                i += c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? 1 : 0;
            } else {
                lines.append(c);
            }
        }
        if (text.isEmpty() || !lines.substring(Math.max(0, lines.length() - 2)).equals(NEW_LINE)) {
            lines.append(NEW_LINE);
        }
        return lines.toString();
    }

    /** Also not where a server on the way might change it: "From " in the beginning of a line, spaces at its end. */
    private static boolean isSentAsItIs(String lines) {
        int begin = 0;
        for (int i = 0; i < lines.length(); i++) {
            char c = lines.charAt(i);
            if (c == '\n') {
                begin = i + 1;
            } else if (c >= 0x7F || c < ' ' && c != '\t' && c != '\r' || i - begin >= LONGEST_LINE) {
                return false;
            } else if (c == '\r' && i > begin && lines.charAt(i - 1) <= ' ') {
                return false;
            } else if (i == begin && (lines.startsWith("From ", i) || lines.startsWith("--=_", i))) {
                return false;
            }
        }
        return true;
    }
}
