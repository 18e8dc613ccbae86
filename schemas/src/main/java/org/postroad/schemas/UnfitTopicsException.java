package org.postroad.schemas;

import java.util.List;

/** Topics are missing, or weaker than the table; a node must not start on them. */
public final class UnfitTopicsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnfitTopicsException(List<String> problems) {
        super(String.join("; ", problems));
    }
}
