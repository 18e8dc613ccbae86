package org.postroad.ingress.http;

import org.jspecify.annotations.Nullable;

/** A request that cannot be what it wants to be: its client hears why, and of which field. */
public final class UnfitRequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final @Nullable String field;

    /**
     * @param status of the answer: 400 for what is no such request at all, 413 for too much of it, 422 for what does not fit together
     * @param field such as {@code to[1]}; null where it is about the whole
     */
    public UnfitRequestException(int status, @Nullable String field, String why) {
        super(why, null, false, false);
        this.status = status;
        this.field = field;
    }

    /** What the client is told. */
    public Answer answer() {
        return Answer.problem(status, String.valueOf(getMessage()), field);
    }
}
