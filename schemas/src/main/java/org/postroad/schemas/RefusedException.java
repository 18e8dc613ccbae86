package org.postroad.schemas;

/** Kafka does not allow what has to be done; the message is the one line an operator reads, and it names the right. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message);
    }

    RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
