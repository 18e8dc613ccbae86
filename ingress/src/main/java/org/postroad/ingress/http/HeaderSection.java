package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.postroad.schemas.Ascii;

/**
 * The header section of a message that comes as it is (RFC 5322), completed as RFC 6409 section 8 has it: without blind copies, with a
 * date and an id. Every other field stays octet for octet; pure.
 *
 * @param octets with the empty line behind it
 * @param isUtf8 whether it holds characters beyond ASCII (RFC 6532); in octets that are no UTF-8 there are none
 */
public record HeaderSection(byte[] octets, boolean isUtf8) {

    /**
     * Completes {@code section[0, length)}, all of whose lines end in CRLF.
     *
     * @param hasBody whether its last line is the empty one
     * @throws UnfitRequestException if it is no header section
     */
    public static HeaderSection of(byte[] section, int length, boolean hasBody, String messageId, String date)
            throws UnfitRequestException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(length + 256);
        boolean dated = false;
        boolean named = false;
        boolean drops = false;
        int end = hasBody ? length - 2 : length;
        int line = 0;
        for (int from = 0; from < end; ) {
            int next = afterLine(section, from, end);
            line++;
            if (section[from] != ' ' && section[from] != '\t' || line == 1) {
                String name = name(section, from, next, line);
                drops = name.equals("bcc") || name.equals("resent-bcc");
                dated |= name.equals("date");
                named |= name.equals("message-id");
            }
            if (!drops) {
                kept.write(section, from, next - from);
            }
            from = next;
        }
        if (line == 0) {
            throw new UnfitRequestException(400, null, "the message has no header section");
        }
        String added =
                (dated ? "" : "Date: " + date + "\r\n") + (named ? "" : "Message-ID: " + messageId + "\r\n") + "\r\n";
        kept.writeBytes(added.getBytes(UTF_8));
        byte[] octets = kept.toByteArray();
        return new HeaderSection(octets, isUtf8(octets));
    }

    private static int afterLine(byte[] section, int from, int end) {
        int i = from;
        while (i < end && section[i] != '\n') {
            i++;
        }
        return Math.min(i + 1, end);
    }

    /** In lower case; spaces before the colon are of the obsolete syntax (RFC 5322 section 4.5). */
    private static String name(byte[] section, int from, int to, int line) throws UnfitRequestException {
        int i = from;
        while (i < to && section[i] > ' ' && section[i] != ':' && section[i] != 0x7F) {
            i++;
        }
        int end = i;
        while (i < to && (section[i] == ' ' || section[i] == '\t')) {
            i++;
        }
        if (end == from || i == to || section[i] != ':') {
            throw new UnfitRequestException(400, null, "line " + line + " of the message is no header field");
        }
        return Ascii.lower(new String(section, from, end - from, ISO_8859_1));
    }

    private static boolean isUtf8(byte[] octets) {
        boolean ascii = true;
        for (byte octet : octets) {
            ascii &= octet >= 0;
        }
        if (ascii) {
            return false;
        }
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
