package org.postroad.ingress;

import org.postroad.schemas.Ascii;

/**
 * The header section of a submitted message as it arrives (RFC 6409 section 8): takes Bcc out of it, and finds out what it lacks.
 *
 * <p>A name may be cut wherever content is cut, so what may yet become {@code Bcc:} is held back until that is decided; the next call
 * leaves as much room for it. All other octets stay as they are, each looked at once, and those behind the header section not at all.
 */
final class SubmittedHeader {
    /** Longer than any name with the spaces that RFC 5322 section 4.5 allows behind it; "Bcc" and more spaces than these is one, too. */
    private static final int HELD_OCTETS = 64;

    private static final String[] NAMES = {"bcc", "resent-bcc", "date", "message-id", "from"};
    private static final int ALL = (1 << NAMES.length) - 1;
    private static final int BLIND = 0b11;
    private static final int DATE = 1 << 2;
    private static final int MESSAGE_ID = 1 << 3;
    private static final int FROM = 1 << 4;

    private enum Place {
        LINE_START,
        NAME,
        /** In the spaces behind a name. */
        AFTER_NAME,
        KEPT,
        DROPPED,
        BODY
    }

    private final boolean endsAtOddLine;
    private final byte[] held = new byte[HELD_OCTETS];
    private int heldCount;
    private Place place = Place.LINE_START;

    /** Which of the names the one that is being read may still be. */
    private int candidates;

    private int nameLength;
    private boolean first = true;
    private boolean dropping;
    private boolean headless;
    private boolean ended;
    private int found;

    SubmittedHeader() {
        this(false);
    }

    /** @param endsAtOddLine whether what stands behind a line that is no field is text to hooks, so that it lacks what stands there */
    SubmittedHeader(boolean endsAtOddLine) {
        this.endsAtOddLine = endsAtOddLine;
    }

    /** Octets of what came so far that are held back. */
    int held() {
        return heldCount;
    }

    /**
     * Takes {@code octets[from, end)}, before which there is room for what is held.
     *
     * @param to where what stays begins
     * @return where it ends
     */
    int filter(byte[] octets, int to, int from, int end) {
        int out = to;
        int i = from;
        while (i < end && place != Place.BODY) {
            out = take(octets[i++], octets, out);
        }
        if (i < end && out != i) {
            System.arraycopy(octets, i, octets, out, end - i);
        }
        return out + end - i;
    }

    /** The content has ended: what is held back is no Bcc. */
    int finish(byte[] octets, int to) {
        headless |= first && (place == Place.NAME || place == Place.AFTER_NAME);
        place = Place.BODY;
        return release(octets, to);
    }

    /** Whether one is to be added. */
    boolean lacksMessageId() {
        return (found & MESSAGE_ID) == 0;
    }

    /**
     * The fields that it lacks, to stand before it. Of content that begins with something else than a field the empty line is missing,
     * too: without it the fields that we add would run into its text.
     */
    String lacking(String messageId, String date) {
        StringBuilder lines = new StringBuilder(128);
        if (lacksMessageId()) {
            lines.append("Message-ID: <").append(messageId).append(">\r\n");
        }
        if ((found & DATE) == 0) {
            lines.append("Date: ").append(date).append("\r\n");
        }
        return lines.append(headless ? "\r\n" : "").toString();
    }

    private int take(byte octet, byte[] octets, int out) {
        switch (place) {
            case LINE_START -> {
                return lineStart(octet, octets, out);
            }
            case NAME, AFTER_NAME -> {
                return name(octet, octets, out);
            }
            default -> {
                boolean kept = place == Place.KEPT;
                if (octet == '\n') {
                    place = Place.LINE_START;
                }
                return kept ? put(octet, octets, out) : out;
            }
        }
    }

    private int lineStart(byte octet, byte[] octets, int out) {
        if (octet == '\r') {
            place = Place.BODY; // an empty line
            return put(octet, octets, out);
        }
        if (isSpace(octet) && !first) { // the field above goes on
            place = dropping ? Place.DROPPED : Place.KEPT;
            return dropping ? out : put(octet, octets, out);
        }
        place = Place.NAME;
        dropping = false;
        candidates = ALL;
        nameLength = 0;
        return name(octet, octets, out);
    }

    private int name(byte octet, byte[] octets, int out) {
        if (octet == ':' && nameLength > 0) {
            return field(octet, octets, out);
        }
        if (isSpace(octet) && nameLength > 0) {
            place = Place.AFTER_NAME;
            candidates = whole();
        } else if (place == Place.NAME && octet > ' ' && octet < 0x7F && octet != ':') {
            narrow((char) octet);
        } else {
            return noField(octet, octets, out);
        }
        if ((candidates & BLIND) == 0) {
            return put(octet, octets, release(octets, out));
        }
        if (heldCount == HELD_OCTETS) {
            return drop(out);
        }
        held[heldCount++] = octet;
        return out;
    }

    private void narrow(char c) {
        for (int i = 0; i < NAMES.length; i++) {
            if (nameLength >= NAMES[i].length() || NAMES[i].charAt(nameLength) != Ascii.lower(c)) {
                candidates &= ~(1 << i);
            }
        }
        nameLength++;
    }

    /** The names that the one just read is, which is one at most. */
    private int whole() {
        int whole = 0;
        for (int i = 0; i < NAMES.length; i++) {
            whole |= NAMES[i].length() == nameLength ? candidates & 1 << i : 0;
        }
        return whole;
    }

    private int field(byte colon, byte[] octets, int out) {
        int name = whole();
        found |= ended ? 0 : name;
        if ((name & BLIND) != 0) {
            return drop(out);
        }
        first = false;
        place = Place.KEPT;
        return put(colon, octets, release(octets, out));
    }

    private int drop(int out) {
        first = false;
        dropping = true;
        place = Place.DROPPED;
        heldCount = 0;
        return out;
    }

    /** Only an empty line ends a header section; but a first line that is no field means that there is none. */
    private int noField(byte octet, byte[] octets, int out) {
        boolean mailbox = place == Place.AFTER_NAME && whole() == FROM; // a file of mails (RFC 4155), as people pipe it
        ended |= endsAtOddLine && !(first && mailbox);
        headless = first && !mailbox;
        first = false;
        place = headless ? Place.BODY : octet == '\n' ? Place.LINE_START : Place.KEPT;
        return put(octet, octets, release(octets, out));
    }

    private int release(byte[] octets, int out) {
        System.arraycopy(held, 0, octets, out, heldCount);
        int end = out + heldCount;
        heldCount = 0;
        return end;
    }

    private static int put(byte octet, byte[] octets, int out) {
        octets[out] = octet;
        return out + 1;
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
