package org.postroad.deploy.node;

/** A signal came while a node started: what had been started is closed. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoppedException() {
        super("stopped while it started");
    }
}
