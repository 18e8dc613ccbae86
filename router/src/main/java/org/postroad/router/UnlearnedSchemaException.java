package org.postroad.router;

import org.postroad.schemas.UnknownSchemaException;

/** A record's schema is not known here: a newer node wrote it, and mail must wait until it is learned from the control topic. */
final class UnlearnedSchemaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnlearnedSchemaException(UnknownSchemaException cause) {
        super(cause.getMessage() + ", which the control topic may bring", cause);
    }
}
