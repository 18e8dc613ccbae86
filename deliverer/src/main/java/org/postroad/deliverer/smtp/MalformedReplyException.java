package org.postroad.deliverer.smtp;

/** What came from the exchanger is no reply; nothing that follows on its connection can be trusted. */
public final class MalformedReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedReplyException(String message) {
        super(message, null, false, false);
    }
}
