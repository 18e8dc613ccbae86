package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;

/**
 * Lines of a report. Whatever a stranger wrote, a remote's reply or an ENVID, comes through {@link #harmless}: it can
 * neither end a line nor begin a field.
 */
final class ReportText {
    /** RFC 5322 section 2.1.1 wants 78, and allows 998. */
    private static final int FOLD_AT = 76;

    /** No single word of a field is longer than this, so no line is longer than 998. */
    private static final int VALUE_OCTETS = 900;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final ByteArrayOutputStream octets = new ByteArrayOutputStream(2048);

    /** One field, folded at its spaces. */
    ReportText field(String name, String value) {
        return folded(name + ": " + Caps.cut(value, VALUE_OCTETS), " ", name.length() + 2);
    }

    /** One line of prose, wrapped at its spaces. */
    ReportText line(String text) {
        return folded(text, "", 0);
    }

    /** One line of prose that belongs to the one above. */
    ReportText indented(String text) {
        return folded("    " + text, "    ", 0);
    }

    ReportText blank() {
        return raw("\r\n".getBytes(UTF_8));
    }

    ReportText raw(byte[] exact) {
        octets.writeBytes(exact);
        return this;
    }

    byte[] octets() {
        return octets.toByteArray();
    }

    /** Breaks before {@code from} are not allowed: a field's name stays with its first word. */
    private ReportText folded(String text, String indent, int from) {
        String rest = text;
        int space = foldPoint(rest, from);
        while (rest.length() > FOLD_AT && space >= 0) {
            raw((rest.substring(0, space) + "\r\n").getBytes(UTF_8));
            rest = indent + rest.substring(space + 1);
            space = foldPoint(rest, 0);
        }
        return raw((rest + "\r\n").getBytes(UTF_8));
    }

    /** The last space that still fits, else the next after it; never one that would leave a line blank. */
    private static int foldPoint(String text, int from) {
        int start = from;
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        int space = text.lastIndexOf(' ', FOLD_AT);
        return space > start ? space : text.indexOf(' ', Math.max(FOLD_AT, start));
    }

    /** Printable ASCII as it is, whatever else as "?": one line, whoever wrote it. */
    static String harmless(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.append(c >= ' ' && c < 0x7F ? (char) c : '?'));
        return printable.toString().strip();
    }

    /** The same, with UTF-8 kept where the type of the part allows it (RFC 6533). */
    static String harmlessUtf8(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(isPrintable(c) ? c : '?'));
        return printable.toString().strip();
    }

    private static boolean isPrintable(int c) {
        if (c < 0xA0) {
            return c >= ' ' && c < 0x7F;
        }
        boolean loneSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        return c != 0x2028 && c != 0x2029 && !loneSurrogate && Character.isDefined(c);
    }

    /** An address in ASCII where it has such a form: only a local-part in UTF-8 needs RFC 6531, a domain has A-labels. */
    static String plainAddress(String address) {
        Mailbox mailbox = isAscii(address) ? null : Mailbox.parse(address, true);
        return mailbox == null || mailbox.needsSmtpUtf8()
                ? address
                : mailbox.localPart() + "@" + mailbox.canonicalDomain();
    }

    /** RFC 5322 section 3.3. */
    static String date(long millis) {
        return DATE.format(Instant.ofEpochMilli(millis));
    }

    static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    static boolean isAscii(byte[] octets) {
        for (byte octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }
}
