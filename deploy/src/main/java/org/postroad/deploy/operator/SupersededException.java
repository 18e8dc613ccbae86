package org.postroad.deploy.operator;

/** A later replay has begun, and writes in our place; what we had committed it skips. */
public final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SupersededException(Throwable cause) {
        super("another replay has begun and goes on in place of this one; see its answer", cause);
    }
}
