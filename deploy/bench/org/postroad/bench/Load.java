package org.postroad.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** So many mails of so many octets over so many sessions, and who they are for. */
record Load(int mails, int octets, int sessions, Recipients recipients) {
    static Load parse(String text) {
        String[] words = text.split(" ");
        return new Load(
                Integer.parseInt(words[0]),
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Recipients.parse(words[3]));
    }

    /** How many recipients all its mails have. */
    long deliveries() {
        return (long) mails * recipients.perMail();
    }

    /** An ordinary mail with lines of 76 characters, none of which begins with a dot; then the final dot. */
    ByteBuf content() {
        ByteBuf content = Unpooled.directBuffer(octets + 3);
        content.writeCharSequence(
                "From: sender@source.test\r\nTo: undisclosed-recipients:;\r\nSubject: one of many\r\n"
                        + "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <one-of-many@source.test>\r\n\r\n",
                StandardCharsets.US_ASCII);
        for (int i = 0; content.writerIndex() < octets - 2; i++) {
            content.writeByte(i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : 'a' + i % 26);
        }
        if (content.getByte(content.writerIndex() - 1) == '\r') { // no bare CR before the last end of line
            content.setByte(content.writerIndex() - 1, 'z');
        }
        content.writeCharSequence("\r\n.\r\n", StandardCharsets.US_ASCII);
        return content;
    }

    String words() {
        return "%,d mails of %,d octets over %d sessions to %s".formatted(mails, octets, sessions, recipients);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return mails + " " + octets + " " + sessions + " " + recipients;
    }
}
