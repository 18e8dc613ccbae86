package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Post.Addressing;
import org.postroad.ingress.http.Post.Attachment;
import org.postroad.ingress.http.Post.Texts;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Meta;

/** Reads a JSON request; one is read by one reader, once. */
public final class PostReader {
    private static final int MOST_FILES = 100;
    private static final int MOST_HEADERS = 100;

    /** For one recipient. */
    private static final int MOST_VALUES = 100;

    /** As long as names in double braces may be. */
    private static final int LONGEST_NAME = 64;

    /** Of a subject, a name or a header, in characters. */
    private static final int LONGEST_LINE = 4_096;

    /** Leaves nodes room for words of their own. */
    private static final int META_OCTETS = Caps.META_OCTETS - 1_024;

    /** RFC 5322 section 2.2, but for what would begin or end a comment or a quotation to those who read leniently. */
    private static final Pattern HEADER_NAME = Pattern.compile("[!#-'*-9;-\\[\\]-~]{1,76}");

    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}");
    private static final Pattern MESSAGE_ID = Pattern.compile("<[!-;=?-~]{1,900}@[!-;=?-~]{1,255}>");
    private static final Pattern CONTENT_ID = Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{1,200}");

    /** What fields of the request make, what trace servers write, and what would tell of blind copies. */
    private static final Set<String> RESERVED = Set.of(
            "from",
            "to",
            "cc",
            "bcc",
            "resent-bcc",
            "reply-to",
            "subject",
            "date",
            "mime-version",
            "received",
            "return-path");

    /** Those whose words mean something, and nothing as encoded words (RFC 2047 section 5), as all that begin with these. */
    private static final Set<String> STRUCTURED = Set.of(
            "message-id",
            "in-reply-to",
            "references",
            "sender",
            "auto-submitted",
            "errors-to",
            "return-receipt-to",
            "disposition-notification-to",
            "dkim-signature",
            "authentication-results");

    private static final List<String> STRUCTURED_BEGINS = List.of("list-", "resent-", "arc-");

    private @Nullable NamedAddress from;
    private @Nullable String sender;
    private final List<NamedAddress> replyTo = new ArrayList<>();
    private final List<NamedAddress> to = new ArrayList<>();
    private final List<NamedAddress> cc = new ArrayList<>();
    private final List<NamedAddress> bcc = new ArrayList<>();
    private String subject = "";
    private @Nullable String text;
    private @Nullable String html;
    private final List<Attachment> attachments = new ArrayList<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> meta = new HashMap<>();
    private final Map<Mailbox, Map<String, String>> substitutions = new HashMap<>();
    private final JsonFields json;

    private PostReader(JsonFields json) {
        this.json = json;
    }

    /**
     * Reads {@code octets[0, length)}.
     *
     * @throws UnfitRequestException naming the field that is not what is wanted
     */
    public static Post read(byte[] octets, int length) throws UnfitRequestException {
        Post[] read = new Post[1];
        JsonFields.read(octets, length, json -> {
            PostReader reader = new PostReader(json);
            json.object("", reader::field);
            read[0] = reader.post();
        });
        return read[0];
    }

    private void field(String name, String path) throws IOException, UnfitRequestException {
        switch (name) {
            case "from" -> from = address(path);
            case "sender" -> sender = sender(path);
            case "replyTo" -> addresses(path, replyTo);
            case "to" -> addresses(path, to);
            case "cc" -> addresses(path, cc);
            case "bcc" -> addresses(path, bcc);
            case "subject" -> subject = json.line(path, LONGEST_LINE);
            case "text" -> text = json.text(path);
            case "html" -> html = json.text(path);
            case "attachments" -> json.list(path, MOST_FILES, this::attachment);
            case "headers" -> json.object(path, this::header);
            case "meta" -> json.object(path, this::meta);
            case "substitutions" -> json.object(path, this::substitutions);
            default -> throw JsonFields.unknown(path);
        }
    }

    private void addresses(String path, List<NamedAddress> into) throws IOException, UnfitRequestException {
        json.list(path, Caps.RECIPIENTS, itsPath -> into.add(address(itsPath)));
    }

    private NamedAddress address(String path) throws IOException, UnfitRequestException {
        NamedAddress address;
        if (json.isObject()) {
            String[] parts = new String[2];
            json.object(path, (name, itsPath) -> {
                switch (name) {
                    case "address" -> parts[0] = json.line(itsPath, LONGEST_LINE);
                    case "name" -> parts[1] = json.line(itsPath, LONGEST_LINE);
                    default -> throw JsonFields.unknown(itsPath);
                }
            });
            address = parts[0] == null ? null : NamedAddress.of(parts[1], parts[0]);
        } else {
            address = NamedAddress.parse(json.line(path, LONGEST_LINE));
        }
        if (address == null) {
            throw new UnfitRequestException(
                    400, path, "not one mail address such as a@example.org or Name <a@example.org>");
        }
        return address;
    }

    private String sender(String path) throws IOException, UnfitRequestException {
        String address = json.line(path, LONGEST_LINE);
        if (!address.isEmpty() && Mailbox.parse(address, true) == null) {
            throw new UnfitRequestException(400, path, "neither a mail address nor empty");
        }
        return address;
    }

    private void attachment(String path) throws IOException, UnfitRequestException {
        String[] texts = new String[3];
        byte[][] content = new byte[1][];
        json.object(path, (name, itsPath) -> {
            switch (name) {
                case "name" -> texts[0] = json.line(itsPath, 255);
                case "type" -> texts[1] = matching(MEDIA_TYPE, itsPath, "a media type such as image/png");
                case "contentId" -> texts[2] = matching(CONTENT_ID, itsPath, "a content id such as logo@example.org");
                case "content" -> content[0] = json.base64(itsPath);
                default -> throw JsonFields.unknown(itsPath);
            }
        });
        if (content[0] == null || texts[0] == null) {
            throw new UnfitRequestException(400, path + (content[0] == null ? ".content" : ".name"), "missing");
        }
        String type = texts[1] == null ? "application/octet-stream" : texts[1];
        // RFC 2046 sections 5.1 and 5.2.1: neither may be encoded, so a file of such a type is no more than a file.
        boolean composite =
                Ascii.startsWithIgnoringCase(type, "multipart/") || Ascii.startsWithIgnoringCase(type, "message/");
        attachments.add(new Attachment(texts[0], composite ? "application/octet-stream" : type, content[0], texts[2]));
    }

    private String matching(Pattern pattern, String path, String what) throws IOException, UnfitRequestException {
        String line = json.line(path, 255);
        if (!pattern.matcher(line).matches()) {
            throw new UnfitRequestException(400, path, "not " + what);
        }
        return line;
    }

    private void header(String name, String path) throws IOException, UnfitRequestException {
        String lower = Ascii.lower(name);
        if (!HEADER_NAME.matcher(name).matches()) {
            throw new UnfitRequestException(400, path, "not a name of a header");
        }
        if (RESERVED.contains(lower) || lower.startsWith("content-")) {
            throw new UnfitRequestException(
                    400, path, "this header is made from other fields, or not for clients to write");
        }
        String value = json.line(path, LONGEST_LINE);
        if (lower.equals("message-id") && !MESSAGE_ID.matcher(value).matches()) {
            throw new UnfitRequestException(400, path, "not a message id such as <42@example.org>");
        }
        boolean structured =
                STRUCTURED.contains(lower) || STRUCTURED_BEGINS.stream().anyMatch(lower::startsWith);
        if (structured && !HeaderField.isSentAsItIs(name, value)) {
            throw new UnfitRequestException(400, path, "not of words in ASCII that fit lines of 998 characters");
        }
        boolean again = headers.keySet().stream().anyMatch(other -> Ascii.equalsIgnoringCase(other, name));
        if (again || headers.size() == MOST_HEADERS) {
            throw new UnfitRequestException(400, path, again ? "given twice" : "more than " + MOST_HEADERS);
        }
        headers.put(name, value);
    }

    private void meta(String name, String path) throws IOException, UnfitRequestException {
        if (name.isEmpty() || Meta.isOurs(name)) {
            throw new UnfitRequestException(400, path, "not a key that may be used");
        }
        meta.put(name, json.line(path, META_OCTETS));
        if (meta.entrySet().stream().mapToInt(PostReader::octets).sum() > META_OCTETS) {
            throw new UnfitRequestException(400, "meta", "more than " + META_OCTETS + " octets");
        }
    }

    private static int octets(Map.Entry<String, String> entry) {
        return entry.getKey().getBytes(UTF_8).length + entry.getValue().getBytes(UTF_8).length + 8;
    }

    private void substitutions(String name, String path) throws IOException, UnfitRequestException {
        Mailbox recipient = Mailbox.parse(name, true);
        if (recipient == null) {
            throw new UnfitRequestException(400, path, "not a mail address");
        }
        if (substitutions.size() == Caps.RECIPIENTS) {
            throw new UnfitRequestException(400, "substitutions", "more than " + Caps.RECIPIENTS + " recipients");
        }
        Map<String, String> values = new HashMap<>();
        json.object(path, (key, itsPath) -> {
            if (key.length() > LONGEST_NAME) {
                throw new UnfitRequestException(400, path, "a name of more than " + LONGEST_NAME + " characters");
            }
            if (values.size() == MOST_VALUES) {
                throw new UnfitRequestException(400, path, "more than " + MOST_VALUES + " values");
            }
            values.put(key, json.text(itsPath));
        });
        if (substitutions.put(MailPlan.same(recipient), values) != null) {
            throw new UnfitRequestException(400, path, "given twice");
        }
    }

    private Post post() throws UnfitRequestException {
        if (from == null) {
            throw new UnfitRequestException(400, "from", "missing");
        }
        if (to.size() + cc.size() + bcc.size() == 0) {
            throw new UnfitRequestException(400, "to", "no recipient");
        }
        if (text == null && html == null && attachments.isEmpty()) {
            throw new UnfitRequestException(400, "text", "neither text nor html nor attachments");
        }
        Addressing addressing = new Addressing(from, sender, replyTo, to, cc, bcc);
        return new Post(addressing, new Texts(subject, text, html), attachments, headers, meta, substitutions);
    }
}
