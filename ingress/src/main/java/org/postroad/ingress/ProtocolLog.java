package org.postroad.ingress;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What clients say and hear, line by line, of those sessions that operators want to see; switched while sessions last.
 *
 * <p>Shared by all loops of a node.
 */
final class ProtocolLog {
    private static final Logger LOG = LoggerFactory.getLogger(ProtocolLog.class);

    private final Consumer<String> lines;
    private volatile ProtocolRules rules = ProtocolRules.NONE;

    /** One whose lines go where the node's logging says. */
    ProtocolLog() {
        this(LOG::info);
    }

    ProtocolLog(Consumer<String> lines) {
        this.lines = lines;
    }

    void follow(ProtocolRules current) {
        rules = current;
    }

    boolean wants(Admission client) {
        return rules != ProtocolRules.NONE && rules.cover(client);
    }

    void write(String line) {
        lines.accept(line);
    }
}
