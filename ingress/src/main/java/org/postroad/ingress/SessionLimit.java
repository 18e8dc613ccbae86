package org.postroad.ingress;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many sessions a node may have at once: each is an open file, and half of what the system grants is for sockets to Kafka and to
 * exchangers and, in a standalone node, for the files of the broker, which ends when it can open none.
 */
final class SessionLimit {
    /** What the memory for replies and receive buffers is reckoned for. */
    static final int MOST = 10_000;

    private SessionLimit() {}

    /** Of this process. */
    static int ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? of(system.getMaxFileDescriptorCount())
                : MOST;
    }

    /** @param openFiles how many files the process may have open; not positive where that is unknown */
    static int of(long openFiles) {
        return openFiles <= 0 ? MOST : (int) Math.max(1, Math.min(MOST, openFiles / 2));
    }
}
