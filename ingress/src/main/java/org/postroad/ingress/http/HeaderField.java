package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.EncoderUtil;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.field.LenientFieldParser;
import org.apache.james.mime4j.util.ContentUtil;
import org.apache.james.mime4j.util.MimeUtil;
import org.postroad.schemas.Ascii;

/** Fields of a header section as they stand in it: folded, and in ASCII but for addresses that have no other form (RFC 6532). */
final class HeaderField {
    /** RFC 5322 section 2.1.1. */
    private static final int LONGEST_LINE = 998;

    /** Of a parameter's value, so that its name fits the line too. */
    private static final int LONGEST_PIECE = 900;

    private HeaderField() {}

    /** One whose value is of its form already; whoever calls has made sure that no control character is in it. */
    static void add(Entity entity, String name, String value) {
        String folded = MimeUtil.fold(name + ": " + value, 0);
        if (Controls.isIn(name + value)) {
            throw new IllegalArgumentException("a control character in " + name);
        }
        try {
            entity.getHeader()
                    .addField(LenientFieldParser.parse(ContentUtil.encode(UTF_8, folded), DecodeMonitor.SILENT));
        } catch (MimeException e) {
            throw new IllegalArgumentException("not a header field: " + name, e);
        }
    }

    static void addText(Entity entity, String name, String text) {
        add(entity, name, isSentAsItIs(name, text) ? text : encoded(text, name.length() + 2));
    }

    private static String encoded(String text, int used) {
        return EncoderUtil.encodeEncodedWord(text, EncoderUtil.Usage.TEXT_TOKEN, Math.min(used, 40));
    }

    /** Whether it is ASCII, and of words that fold into lines which are neither too long nor blank (RFC 5322 section 3.2.2). */
    static boolean isSentAsItIs(String name, String text) {
        boolean ascii = text.chars().allMatch(c -> c < 0x7F);
        return ascii
                && MimeUtil.fold(name + ": " + text, 0)
                        .lines()
                        .allMatch(line -> line.length() <= LONGEST_LINE
                                && !Ascii.strip(line).isEmpty());
    }

    static void addAddresses(Entity entity, String name, List<NamedAddress> addresses) {
        if (!addresses.isEmpty()) {
            StringBuilder list = new StringBuilder();
            for (NamedAddress address : addresses) {
                list.append(list.isEmpty() ? "" : ", ").append(text(address));
            }
            add(entity, name, list.toString());
        }
    }

    private static String text(NamedAddress address) {
        String name = address.name();
        return name == null ? address.mailbox().toString() : displayName(name) + " <" + address.mailbox() + ">";
    }

    private static String displayName(String name) {
        // Spaces in a row might become a line of their own.
        boolean unfit = name.length() > LONGEST_LINE / 2 || name.contains("  ");
        return unfit
                ? EncoderUtil.encodeEncodedWord(name, EncoderUtil.Usage.WORD_ENTITY)
                : EncoderUtil.encodeAddressDisplayName(name);
    }

    /** As a parameter: in ASCII for everybody, and in full for those who know RFC 2231. */
    static String fileName(String name) {
        StringBuilder plain = new StringBuilder();
        name.codePoints().forEach(c -> {
            boolean again = c == ' ' && !plain.isEmpty() && plain.charAt(plain.length() - 1) == ' ';
            plain.append(c < 0x7F && c != '"' && c != '\\' && !again ? (char) c : '_');
        });
        String parameter = "; filename=\"" + plain + "\"";
        return plain.toString().equals(name) ? parameter : parameter + inFull(name);
    }

    /** In one piece where a line holds it, since not everybody puts pieces together (RFC 2231 section 3). */
    private static String inFull(String name) {
        List<String> pieces = new ArrayList<>();
        StringBuilder piece = new StringBuilder("UTF-8''");
        for (int c : name.codePoints().toArray()) {
            String encoded = percentEncoded(Character.toString(c));
            if (piece.length() + encoded.length() > LONGEST_PIECE) {
                pieces.add(piece.toString());
                piece.setLength(0);
            }
            piece.append(encoded);
        }
        pieces.add(piece.toString());
        if (pieces.size() == 1) {
            return "; filename*=" + piece;
        }
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            all.append("; filename*").append(i).append("*=").append(pieces.get(i));
        }
        return all.toString();
    }

    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : text.getBytes(UTF_8)) {
            char c = (char) (octet & 0xFF);
            boolean attributeChar =
                    c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || "-._~".indexOf(c) >= 0;
            encoded.append(attributeChar ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return encoded.toString();
    }
}
