package org.postroad.ingress;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many sessions a node may have at once: each is an open file, and half of what the system grants is for sockets to Kafka and to
 * exchangers and, in a standalone node, for the files of the broker, which ends when it can open none.
 */
final class SessionLimit {
    private SessionLimit() {}

    /** Of this process, where so many are configured. */
    static int ofThisProcess(int most) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? of(system.getMaxFileDescriptorCount(), most)
                : most;
    }

    /** @param openFiles how many files the process may have open; not positive where that is unknown */
    static int of(long openFiles, int most) {
        return openFiles <= 0 ? most : (int) Math.max(1, Math.min(most, openFiles / 2));
    }
}
