package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.Reply;

/**
 * Reads replies (RFC 5321 section 4.2) from whatever a connection brings, and bounds them: an exchanger is a stranger.
 *
 * <p>Strict about what decides, the codes: three digits from 200 to 599, the same on every line. Lenient about what
 * does not: a code without text ends its line ("250" CRLF), and a line may end in LF alone. The latter would be a
 * danger in commands and content, where it lets a third party smuggle; here the speaker owns the whole stream and
 * could as well have sent CRLF, and replies are counted.
 *
 * <p>Text is data of a stranger too: control characters and octets above 0x7E become question marks.
 */
public final class ReplyDecoder {
    /** Postfix drops what exceeds it; RFC 5321 section 4.5.3.1.5 allows 512. */
    static final int LINE_OCTETS = 2_048;

    static final int LINES = 128;

    /** Of what was no reply, so many octets are kept for whoever must find out why. */
    private static final int WORDS_OCTETS = 400;

    static final int REPLY_OCTETS = 16 * 1024;

    private final List<String> lines = new ArrayList<>(1);
    private int code;
    private int octets;
    private @Nullable EnhancedStatus status;

    /** The next whole reply, or null while its end has not come; what was understood is consumed. */
    public @Nullable Reply decode(ByteBuf in) throws MalformedReplyException {
        while (true) {
            int start = in.readerIndex();
            int length = in.bytesBefore((byte) '\n');
            if (length < 0) {
                refuseOverlong(in, start, in.readableBytes());
                return null;
            }
            refuseOverlong(in, start, length);
            in.skipBytes(length + 1);
            int end = start + length;
            boolean carriageReturn = length > 0 && in.getByte(end - 1) == '\r';
            if (isLast(in, start, carriageReturn ? end - 1 : end)) {
                return take();
            }
        }
    }

    private void refuseOverlong(ByteBuf in, int start, int lineOctets) throws MalformedReplyException {
        if (lineOctets > LINE_OCTETS) {
            throw malformed("a reply line of over " + LINE_OCTETS + " octets", in, start, start + lineOctets);
        }
    }

    private boolean isLast(ByteBuf in, int start, int end) throws MalformedReplyException {
        if (end - start < 3) {
            throw malformed("a line that is no reply", in, start, end);
        }
        int lineCode = codeAt(in, start, end);
        if (!lines.isEmpty() && lineCode != code) {
            throw malformed("a reply of two codes, " + code + " and " + lineCode, in, start, end);
        }
        char separator = end - start == 3 ? ' ' : (char) in.getByte(start + 3);
        if (separator != ' ' && separator != '-') {
            throw malformed("a line that is no reply", in, start, end);
        }
        code = lineCode;
        octets += end - start;
        if (lines.size() == LINES || octets > REPLY_OCTETS) {
            throw malformed("a reply without end", in, start, end);
        }
        addText(text(in, Math.min(start + 4, end), end));
        return separator == ' ';
    }

    private int codeAt(ByteBuf in, int start, int end) throws MalformedReplyException {
        int value = 0;
        for (int i = start; i < start + 3; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                throw malformed("a line that is no reply", in, start, end);
            }
            value = value * 10 + digit;
        }
        if (value < 200 || value > 599) {
            throw malformed("the reply code " + value, in, start, end);
        }
        return value;
    }

    /** Says it in the exchanger's own words too: the lines so far, which have one code, and the one that is wrong. */
    private MalformedReplyException malformed(String what, ByteBuf in, int start, int end) {
        StringBuilder said = new StringBuilder(what).append("; it said: ");
        String wrong = words(in, start, end);
        for (String line : lines) {
            if (said.length() + line.length() + wrong.length() > WORDS_OCTETS) {
                break;
            }
            said.append(code).append('-').append(line).append(" / ");
        }
        return new MalformedReplyException(said.append(wrong).toString());
    }

    /** The beginning of what was said, made harmless. */
    static String words(ByteBuf in, int start, int end) {
        return sanitised(in, start, Math.min(end, start + WORDS_OCTETS));
    }

    private void addText(String text) {
        EnhancedStatus own = EnhancedStatus.startOf(text);
        if (own == null) {
            lines.add(text);
            return;
        }
        if (lines.isEmpty()) {
            status = own;
        }
        int space = text.indexOf(' ');
        lines.add(space < 0 ? "" : text.substring(space + 1));
    }

    private static String text(ByteBuf in, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!isPrintable(in.getByte(i))) {
                return sanitised(in, start, end);
            }
        }
        return in.toString(start, end - start, StandardCharsets.US_ASCII);
    }

    private static String sanitised(ByteBuf in, int start, int end) {
        byte[] safe = new byte[end - start];
        for (int i = 0; i < safe.length; i++) {
            byte octet = in.getByte(start + i);
            safe[i] = isPrintable(octet) ? octet : (byte) '?';
        }
        return new String(safe, StandardCharsets.US_ASCII);
    }

    private static boolean isPrintable(byte octet) {
        return octet >= ' ' && octet < 0x7F;
    }

    private Reply take() {
        Reply reply = new Reply(code, status, lines);
        lines.clear();
        status = null;
        octets = 0;
        return reply;
    }
}
