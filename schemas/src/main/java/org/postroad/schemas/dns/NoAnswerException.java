package org.postroad.schemas.dns;

import java.io.IOException;

/** No name server answered; the message says what each did instead, in words for an operator. */
public final class NoAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    NoAnswerException(String message) {
        super(message);
    }
}
