package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.postroad.schemas.Ascii;

/**
 * The header section of a message while it arrives, cut anywhere. It ends at the empty line, or at the first line that is no field, as
 * milters have it from other servers; but mail as a file of mails has it (RFC 4155) begins with a line of its own.
 */
final class HeldHeader {
    /** A field fits a packet of the milter protocol, and the section an envelope. */
    static final int MOST_OCTETS = 60 * 1024;

    /** Of memory, a field takes many times the octets that it may have. No mail that people write has a tenth as many. */
    static final int MOST_FIELDS = 1_000;

    /** What a field takes beside its octets: its two strings, itself, and its places in lists. */
    private static final int FIELD_OCTETS = 160;

    private static final String MAILBOX_LINE = "From";

    private static final int FIRST_OCTETS = 2 * 1024;

    private enum Place {
        LINE_START,
        NAME,
        /** In the spaces behind a name, which RFC 5322 section 4.5 allows. */
        AFTER_NAME,
        VALUE,
        ENDED
    }

    private final List<Integer> starts = new ArrayList<>();
    private byte[] octets = new byte[FIRST_OCTETS];
    private int length;
    private int lineStart;
    private int fieldsEnd;
    private Place place = Place.LINE_START;
    private boolean tooLong;

    /**
     * Takes {@code from[start, end)}, or what of it belongs to the header section.
     *
     * @return where the rest begins
     */
    int take(byte[] from, int start, int end) {
        int i = start;
        while (i < end && place != Place.ENDED) {
            byte octet = from[i];
            Place next = next(octet);
            if (next != Place.ENDED) {
                put(octet);
                i++;
            } else {
                fieldsEnd = lineStart(place);
            }
            place = next;
        }
        return i;
    }

    private int lineStart(Place at) {
        return at == Place.LINE_START ? length : lineStart;
    }

    private Place next(byte octet) {
        boolean space = octet == ' ' || octet == '\t';
        if (place == Place.VALUE) {
            return octet == '\n' ? Place.LINE_START : Place.VALUE;
        }
        if (place == Place.LINE_START) {
            if (space && !starts.isEmpty()) {
                return Place.VALUE;
            }
            lineStart = length;
            return isOfName(octet) ? Place.NAME : Place.ENDED;
        }
        if (octet == ':') {
            begin();
            return Place.VALUE;
        }
        if (space) {
            return Place.AFTER_NAME;
        }
        if (place == Place.AFTER_NAME && isMailboxLine()) {
            begin();
            return octet == '\n' ? Place.LINE_START : Place.VALUE;
        }
        return place == Place.NAME && isOfName(octet) ? Place.NAME : Place.ENDED;
    }

    private static boolean isOfName(byte octet) {
        return octet > ' ' && octet < 0x7F && octet != ':';
    }

    private boolean isMailboxLine() {
        String line = new String(octets, 0, Math.min(length, MAILBOX_LINE.length() + 1), ISO_8859_1);
        return starts.isEmpty()
                && Ascii.startsWithIgnoringCase(line, MAILBOX_LINE)
                && line.charAt(line.length() - 1) <= ' ';
    }

    private void begin() {
        if (starts.size() == MOST_FIELDS) {
            tooLong = true;
        } else {
            starts.add(lineStart);
        }
    }

    private void put(byte octet) {
        if (length == MOST_OCTETS) {
            tooLong = true;
            return;
        }
        if (length == octets.length) {
            octets = Arrays.copyOf(octets, Math.min(2 * length, MOST_OCTETS));
        }
        octets[length++] = octet;
    }

    /** The content has ended. */
    void finish() {
        if (place != Place.ENDED) {
            boolean whole = length == 0 || octets[length - 1] == '\n';
            boolean inField = place == Place.VALUE && !starts.isEmpty();
            fieldsEnd = whole ? length : inField ? starts.get(starts.size() - 1) : lineStart;
            place = Place.ENDED;
        }
    }

    boolean hasEnded() {
        return place == Place.ENDED;
    }

    /** Whether it has more octets or fields than are held; then nothing else said here is of use. */
    boolean isTooLong() {
        return tooLong;
    }

    /** Octets of memory: of these, and of the fields that are made of them. */
    int held() {
        return octets.length + length + starts.size() * FIELD_OCTETS;
    }

    /** The fields, each to the end of its last line. */
    List<String> fields() {
        List<String> fields = new ArrayList<>(starts.size());
        for (int i = 0; i < starts.size() && starts.get(i) < fieldsEnd; i++) {
            int end = i + 1 < starts.size() ? Math.min(starts.get(i + 1), fieldsEnd) : fieldsEnd;
            fields.add(new String(octets, starts.get(i), end - starts.get(i), ISO_8859_1));
        }
        return fields;
    }

    /** What was taken and is no field: the beginning of a line that is the first of the text. */
    byte[] tail() {
        return Arrays.copyOfRange(octets, fieldsEnd, length);
    }
}
