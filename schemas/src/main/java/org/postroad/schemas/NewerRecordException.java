package org.postroad.schemas;

/**
 * A record can be read, but a newer node wrote into it what this node does not know: whoever meets it passes its octets on as they are,
 * and never rejects, bounces, counts an attempt, or acts on the part that it knows.
 */
public final class NewerRecordException extends Exception {
    private static final long serialVersionUID = 1;

    /** @param what is not known, such as "route.kind LMTP" or "route.requires dane" */
    NewerRecordException(String what) {
        super("written by a newer node: " + what);
    }
}
