package org.postroad.ingress;

import org.postroad.schemas.Ascii;

/** Counts the {@code Received:} lines of a header section as it arrives: how many servers a message has passed. */
final class HopCount {
    /** RFC 5321 section 6.3 wants at least 100 before a loop is declared. */
    static final int LIMIT = 100;

    private static final String NAME = "received";
    private static final int ELSEWHERE = -1;

    private int matched; // octets of NAME matched in this line
    private boolean inHeader = true;
    private int count;

    void scan(byte[] octets, int from, int to) {
        for (int i = from; i < to && inHeader; i++) {
            byte octet = octets[i];
            if (octet == '\n') {
                matched = 0;
            } else if (matched == 0 && octet == '\r') {
                inHeader = false; // an empty line
            } else if (matched != ELSEWHERE) {
                match(octet);
            }
        }
    }

    private void match(byte octet) {
        if (matched < NAME.length()) {
            matched = Ascii.lower((char) octet) == NAME.charAt(matched) ? matched + 1 : ELSEWHERE;
        } else if (octet == ':') {
            count++;
            matched = ELSEWHERE;
        } else if (octet != ' ' && octet != '\t') { // which the obsolete syntax allows there (RFC 5322 section 4.5)
            matched = ELSEWHERE;
        }
    }

    int count() {
        return count;
    }

    boolean isLoop() {
        return count > LIMIT;
    }
}
