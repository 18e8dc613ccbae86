package org.postroad.ingress.auth;

import java.io.IOException;

/** A file that the configuration names cannot be used; the message says in one line which and why. */
public final class UnfitFileException extends IOException {
    private static final long serialVersionUID = 1;

    public UnfitFileException(String message) {
        super(message);
    }
}
