package org.postroad.deliverer.delivery;

/** Told that a destination which was dead takes mail again; safe for every thread, and never blocks. */
@FunctionalInterface
public interface Recoveries {
    /** Calls back a portion of the mail that waits for a destination. What cannot be said is lost: that mail waits until it is due. */
    void announce(RecoveryNotice notice);
}
