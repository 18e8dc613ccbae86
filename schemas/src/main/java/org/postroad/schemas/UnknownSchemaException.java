package org.postroad.schemas;

/** A record was written with a schema this node has not met yet: read the control topic, then decode again. */
public final class UnknownSchemaException extends Exception {
    private static final long serialVersionUID = 1;
    private final long fingerprint;

    UnknownSchemaException(long fingerprint) {
        super("unknown schema " + Long.toHexString(fingerprint));
        this.fingerprint = fingerprint;
    }

    public long fingerprint() {
        return fingerprint;
    }
}
