package org.postroad.router;

import org.postroad.schemas.UnknownSchemaException;

/** A record's schema is not on the control topic: a newer node wrote it before it said so, and mail must wait for it. */
final class UnlearnedSchemaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnlearnedSchemaException(UnknownSchemaException cause) {
        super(cause.getMessage() + ", and the control topic has none such", cause);
    }
}
