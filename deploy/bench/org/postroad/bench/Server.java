package org.postroad.bench;

import java.io.IOException;

/** A mail server under measurement, or none: then its port is the receiver's. */
interface Server extends AutoCloseable {
    String name();

    /** Where it takes mail. */
    int port();

    /** True when it is known to have ended by itself. */
    default boolean isDead() {
        return false;
    }

    /** The end of its log if it is dead, else nothing. */
    default String lastWords() throws IOException {
        return "";
    }

    @Override
    void close();

    /** No server: the limit that source and receiver set together. */
    record Direct(int port) implements Server {
        @Override
        public String name() {
            return "direct";
        }

        @Override
        public void close() {
            // nothing runs
        }
    }
}
