package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.MessageId;

/**
 * The Message-ID of a header section as it arrives (RFC 5322 section 3.6.4): what stands in the angle brackets of the first field of
 * that name. It is told octets of fields whose names begin with its first letter, until one is its; it allocates nothing before.
 */
final class MessageIdField {
    private static final String NAME = "message-id";

    private enum Place {
        /** No field that may be it. */
        ELSEWHERE,
        NAME,
        AFTER_NAME,
        BEFORE_ID,
        ID,
        OVER
    }

    private Place place = Place.ELSEWHERE;
    private int matched;
    private byte[] id = {};
    private int length;

    /** A line begins; a folded one goes on with the field before it. */
    void lineBegins(byte first) {
        boolean folded = first == ' ' || first == '\t';
        boolean inField = place == Place.BEFORE_ID || place == Place.ID;
        if (place == Place.OVER || folded && inField) {
            return;
        }
        if (inField) {
            place = Place.OVER; // the field had no id
            length = 0;
            return;
        }
        place = Ascii.lower((char) first) == NAME.charAt(0) ? Place.NAME : Place.ELSEWHERE;
        matched = 0;
    }

    /** Whether the octets of this line say something to it. */
    boolean listens() {
        return place != Place.ELSEWHERE && place != Place.OVER;
    }

    void take(byte octet) {
        switch (place) {
            case NAME -> name(octet);
            case AFTER_NAME -> afterName(octet);
            case BEFORE_ID -> place = octet == '<' ? Place.ID : Place.BEFORE_ID;
            case ID -> id(octet);
            default -> {}
        }
    }

    private void name(byte octet) {
        if (Ascii.lower((char) octet) != NAME.charAt(matched)) {
            place = Place.ELSEWHERE;
        } else if (++matched == NAME.length()) {
            place = Place.AFTER_NAME;
        }
    }

    private void afterName(byte octet) {
        if (octet == ':') {
            place = Place.BEFORE_ID;
        } else if (octet != ' ' && octet != '\t') { // which the obsolete syntax allows there
            place = Place.ELSEWHERE;
        }
    }

    private void id(byte octet) {
        if (octet == '>') {
            place = Place.OVER;
        } else if (octet > ' ') {
            if (length == id.length) {
                id = Arrays.copyOf(id, Math.max(64, 2 * length));
            }
            id[length++] = octet;
            if (length > MessageId.OCTETS) {
                place = Place.OVER; // to keep half of it would name another message
                length = 0;
            }
        } else if (octet < 0) {
            place = Place.OVER;
            length = 0;
        }
    }

    /** Without its brackets; null where there is none, or none that fits. */
    @Nullable
    String text() {
        return place == Place.OVER && length > 0 ? new String(id, 0, length, UTF_8) : null;
    }
}
