package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The header section of a message while it arrives, cut anywhere. It ends at the empty line, or at the first line that is no field, as
 * milters have it from other servers.
 */
final class HeldHeader {
    /** A field fits a packet of the milter protocol, and the section an envelope. */
    static final int MOST_OCTETS = 60 * 1024;

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
            starts.add(lineStart);
            return Place.VALUE;
        }
        if (space) {
            return Place.AFTER_NAME;
        }
        return place == Place.NAME && isOfName(octet) ? Place.NAME : Place.ENDED;
    }

    private static boolean isOfName(byte octet) {
        return octet > ' ' && octet < 0x7F && octet != ':';
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

    /** Whether it has more octets than are held; then nothing else said here is of use. */
    boolean isTooLong() {
        return tooLong;
    }

    /** Octets of memory. */
    int held() {
        return octets.length;
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
