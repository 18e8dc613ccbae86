package org.postroad.deliverer.content;

import org.postroad.schemas.Octets;

/**
 * One chunk of content.
 *
 * @param octets nobody changes them
 * @param plain whether CR and LF stand in it only as CRLF and no line that begins in it after its first octet begins with a dot, so
 *     that it may be sent as it is; found out once for the hundreds of recipients that a message may have
 */
public record ContentChunk(byte[] octets, boolean plain) {

    public static ContentChunk of(byte[] octets) {
        return new ContentChunk(octets, isPlain(octets));
    }

    private static boolean isPlain(byte[] octets) {
        int end = octets.length;
        int i = Octets.lineEnd(octets, 0, end);
        while (i < end) {
            boolean ended = i + 1 < end && octets[i] == '\r' && octets[i + 1] == '\n';
            if (!ended || i + 2 < end && octets[i + 2] == '.') {
                return false;
            }
            i = Octets.lineEnd(octets, i + 2, end);
        }
        return true;
    }
}
