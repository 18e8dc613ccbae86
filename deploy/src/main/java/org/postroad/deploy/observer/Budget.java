package org.postroad.deploy.observer;

/** How much one answer may still hold, however much it tells of; confined to one thread. */
final class Budget {
    /** A tree of JSON takes some five times as much memory. */
    private static final long MOST_OCTETS = 16L << 20;

    private int rows = Answers.MOST;
    private long octets = MOST_OCTETS;
    private boolean isCut;

    /** Takes one row in; false when there is no room for it, and then for none after it. */
    boolean take(int rowOctets) {
        isCut |= rows == 0 || octets < rowOctets;
        rows--;
        octets -= rowOctets;
        return !isCut;
    }

    /** Whether something was left out. */
    boolean isCut() {
        return isCut;
    }
}
