package org.postroad.deploy.observer;

import org.jspecify.annotations.Nullable;

/** What an index holds cannot be read, or nothing true can come of going on with it: it is made anew, being a product of the events. */
final class UnfitIndexException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UnfitIndexException(String words, @Nullable Throwable cause) {
        super(words, cause);
    }
}
