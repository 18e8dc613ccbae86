package org.postroad.ingress;

/** Counts the {@code Received:} lines of a header section as it arrives: how many servers a message has passed. */
final class HopCount {
    /** RFC 5321 section 6.3 wants at least 100 before a loop is declared. */
    static final int LIMIT = 100;

    private static final String NAME = "received:";
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
        if (Character.toLowerCase(octet) != NAME.charAt(matched)) {
            matched = ELSEWHERE;
        } else if (++matched == NAME.length()) {
            count++;
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
