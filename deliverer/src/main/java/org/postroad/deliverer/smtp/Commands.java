package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Writes commands into a flight; addresses in them were checked before. */
final class Commands {
    private static final byte[] DATA = ascii("DATA\r\n");
    private static final byte[] DOT = ascii(".\r\n");
    private static final byte[] RSET = ascii("RSET\r\n");
    private static final byte[] QUIT = ascii("QUIT\r\n");
    private static final byte[] STARTTLS = ascii("STARTTLS\r\n");

    private Commands() {}

    static void greet(ByteBuf out, Step step, String name) {
        ByteBufUtil.writeAscii(out, step == Step.HELO ? "HELO " : "EHLO ");
        ByteBufUtil.writeAscii(out, name);
        endLine(out);
    }

    static void mail(ByteBuf out, Transaction transaction, Capabilities offered) {
        ByteBufUtil.writeAscii(out, "MAIL FROM:");
        path(out, transaction.reversePath());
        if (offered.size()) {
            ByteBufUtil.writeAscii(out, " SIZE=");
            ByteBufUtil.writeAscii(out, Long.toString(transaction.content().octets()));
        }
        if (offered.eightBitMime() && transaction.eightBit()) {
            ByteBufUtil.writeAscii(out, " BODY=8BITMIME");
        }
        if (offered.smtpUtf8() && transaction.smtpUtf8()) {
            ByteBufUtil.writeAscii(out, " SMTPUTF8");
        }
        endLine(out);
    }

    static void recipient(ByteBuf out, String recipient) {
        ByteBufUtil.writeAscii(out, "RCPT TO:");
        path(out, recipient);
        endLine(out);
    }

    /** An address, or a path with parameters behind it. */
    private static void path(ByteBuf out, String argument) {
        if (argument.startsWith("<")) {
            ByteBufUtil.writeUtf8(out, argument);
        } else {
            out.writeByte('<');
            ByteBufUtil.writeUtf8(out, argument);
            out.writeByte('>');
        }
    }

    static void data(ByteBuf out) {
        out.writeBytes(DATA);
    }

    static void dot(ByteBuf out) {
        out.writeBytes(DOT);
    }

    static void reset(ByteBuf out) {
        out.writeBytes(RSET);
    }

    static void quit(ByteBuf out) {
        out.writeBytes(QUIT);
    }

    static void startTls(ByteBuf out) {
        out.writeBytes(STARTTLS);
    }

    private static void endLine(ByteBuf out) {
        out.writeShort('\r' << 8 | '\n');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
