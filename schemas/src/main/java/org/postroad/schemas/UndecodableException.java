package org.postroad.schemas;

/** A record's octets are not what its topic holds: it belongs in {@code rejects}. */
public final class UndecodableException extends Exception {
    private static final long serialVersionUID = 1;

    UndecodableException(String why, Throwable cause) {
        super(why, cause);
    }

    UndecodableException(String why) {
        super(why);
    }
}
