package org.postroad.broker;

import java.io.IOException;
import java.nio.file.Path;

/** A data directory that a living broker, here or in another process, works on already. */
public final class DirectoryInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    public DirectoryInUseException(Path directory) {
        super("the data directory " + directory + " is in use by another process");
    }
}
