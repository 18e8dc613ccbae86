package org.postroad.deliverer.address;

import org.postroad.deliverer.config.DelivererConfig;

/**
 * How much a node remembers between mails, in numbers that follow from its heap: all loops together at most about an eighth of it, so that
 * a stream of mail for ever other domains fills no heap. What is open is bounded elsewhere, by what the poller takes.
 */
public final class CacheBudget {
    /** Destinations and sets of exchangers: a few kilobytes each, with the names of the exchangers. */
    public static final int DESTINATIONS = entries(16, 4 << 10, 20_000);

    /** Host names with their addresses. */
    public static final int NAMES = entries(32, 1 << 10, 20_000);

    /** Addresses of exchangers. */
    public static final int ADDRESSES = entries(64, 512, 10_000);

    private CacheBudget() {}

    private static int entries(int partOfHeap, int octetsEach, int most) {
        long heap = Runtime.getRuntime().maxMemory();
        return (int) Math.max(100, Math.min(most, heap / partOfHeap / octetsEach));
    }

    /** One loop's share. */
    public static int ofLoop(int entries) {
        return Math.max(100, entries / DelivererConfig.LOOPS);
    }
}
