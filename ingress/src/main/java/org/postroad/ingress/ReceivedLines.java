package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;

/**
 * Counts the {@code Received:} lines of a header section as it arrives: how many servers a message has passed, and how often this one.
 * In the same pass it finds the Message-ID.
 */
final class ReceivedLines {
    /** RFC 5321 section 6.3 wants at least 100 before a loop is declared. */
    static final int LIMIT = 100;

    /** Filters, lists and forwarding bring a message to one host again, a few times; nothing but a loop so often. */
    static final int OWN_LIMIT = 20;

    private static final String NAME = "received";
    private static final int ELSEWHERE = -1;

    private final byte[] ownWords;
    private int matched; // octets of NAME matched in this line
    private int ownMatched; // octets of ownWords matched in this field
    private boolean inHeader = true;
    private boolean inReceived;
    private int count;
    private int own;

    /** Looked for in the same pass. */
    private final MessageIdField messageId = new MessageIdField();

    private boolean lineBegins = true;

    /** @param ownWords of {@link #ownWords} */
    ReceivedLines(byte[] ownWords) {
        this.ownWords = ownWords;
    }

    /** What a line that this host wrote has in it. */
    static byte[] ownWords(String hostname) {
        return Ascii.lower(" by " + hostname + " ").getBytes(US_ASCII);
    }

    void scan(byte[] octets, int from, int to) {
        for (int i = from; i < to && inHeader; i++) {
            byte octet = octets[i];
            if (lineBegins) {
                messageId.lineBegins(octet);
            }
            lineBegins = octet == '\n';
            if (messageId.listens()) {
                messageId.take(octet);
            }
            if (octet == '\n') {
                matched = 0;
            } else if (matched == 0 && octet == '\r') {
                inHeader = false; // an empty line
            } else if (matched != ELSEWHERE) {
                match(octet);
            }
            if (inReceived) {
                matchOwn(octet);
            }
        }
    }

    private void match(byte octet) {
        if (matched == 0) {
            inReceived &= isSpace(octet); // else a field of another name begins
        }
        if (matched < NAME.length()) {
            matched = Ascii.lower((char) octet) == NAME.charAt(matched) ? matched + 1 : ELSEWHERE;
        } else if (octet == ':') {
            count++;
            inReceived = true;
            ownMatched = 0;
            matched = ELSEWHERE;
        } else if (!isSpace(octet)) { // which the obsolete syntax allows there (RFC 5322 section 4.5)
            matched = ELSEWHERE;
        }
    }

    private void matchOwn(byte octet) {
        boolean space = isSpace(octet) || octet == '\r' || octet == '\n';
        boolean ends = space || octet == ';' || octet == '(';
        boolean last = ownMatched == ownWords.length - 1;
        if (last ? ends : !space && ownWords[ownMatched] == Ascii.lower((char) octet)) {
            ownMatched++;
        } else if (space) {
            boolean more = ownMatched > 0 && ownWords[ownMatched - 1] == ' ';
            ownMatched = more ? ownMatched : ownWords[ownMatched] == ' ' ? ownMatched + 1 : 1;
        } else {
            ownMatched = 0;
        }
        if (ownMatched == ownWords.length) {
            own++;
            inReceived = false; // a line counts once
        }
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    int count() {
        return count;
    }

    /** How many of them this host wrote. */
    int own() {
        return own;
    }

    /** The Message-ID of the header section, without its brackets; null where it has none that fits. */
    @Nullable
    String messageId() {
        return messageId.text();
    }

    boolean isLoop() {
        return count > LIMIT || own > OWN_LIMIT;
    }
}
