package org.postroad.ingress;

/**
 * Makes lines of content end in CRLF: a bare LF becomes one, a bare CR a space, as Postfix has it.
 *
 * <p>It comes behind the decoder, to which neither ever ends a line, so nothing that it makes can end the content: it is text, and
 * what looks like a final dot has its dot doubled when it is sent on. A client that ends lines in LF doubles the dots that begin them
 * nevertheless, so of two behind a bare LF one is taken. A CR behind the dot that begins a line goes with that dot.
 */
final class BareLineEnds {
    private enum Place {
        TEXT,
        CR,
        LINE_START,
        DOT
    }

    private final boolean dotted;
    private Place place = Place.TEXT;

    /** @param dotted whether dots that begin lines were doubled by the client */
    BareLineEnds(boolean dotted) {
        this.dotted = dotted;
    }

    /** Whether the last octet waits for the next. */
    boolean holdsOne() {
        return place == Place.CR;
    }

    /**
     * Takes {@code octets[from, end)}, before which there is room for as many octets and one.
     *
     * @param to where what it makes begins
     * @return where that ends
     */
    int normalize(byte[] octets, int to, int from, int end) {
        int out = to;
        for (int i = from; i < end; i++) {
            byte octet = octets[i];
            if (place == Place.CR && octet != '\n') {
                octets[out++] = ' ';
                place = Place.TEXT;
            }
            if (octet == '\n') {
                octets[out++] = '\r';
                octets[out++] = '\n';
                place = place == Place.CR ? Place.TEXT : Place.LINE_START;
            } else if (octet == '\r') {
                place = Place.CR;
            } else if (octet == '.' && place == Place.DOT) {
                place = Place.TEXT;
            } else {
                octets[out++] = octet;
                place = dotted && octet == '.' && place == Place.LINE_START ? Place.DOT : Place.TEXT;
            }
        }
        return out;
    }

    /** The content has ended. */
    int finish(byte[] octets, int to) {
        if (place != Place.CR) {
            return to;
        }
        place = Place.TEXT;
        octets[to] = ' ';
        return to + 1;
    }
}
