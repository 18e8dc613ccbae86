package org.postroad.ingress;

/** A certificate cannot be used; the message says in one line which file and why. */
public final class UnfitCertificateException extends Exception {
    private static final long serialVersionUID = 1;

    UnfitCertificateException(String message) {
        super(message);
    }
}
