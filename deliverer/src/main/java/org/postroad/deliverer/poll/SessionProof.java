package org.postroad.deliverer.poll;

import org.postroad.deliverer.delivery.Lease;

/**
 * When to ask the group to begin this member's session anew: while commits are slow, and then as often as keeps a lease whose answers
 * take as long as a session. Time is an argument; confined to the member's thread.
 */
public final class SessionProof {
    /** How much of a proof's life may pass before the next. */
    private static final long EVERY_NANOS = 250_000_000L;

    /** For as long as the longest session: more cannot be of use. */
    private static final int UNDER_WAY = 24;

    private final Lease lease;
    private int underWay;
    private long askedNanos;

    public SessionProof(Lease lease, long nowNanos) {
        this.lease = lease;
        this.askedNanos = nowNanos;
    }

    /** Whether to ask now; who is told so asks. */
    public boolean isDue(long nowNanos) {
        boolean due = lease.isOverdue(nowNanos) && nowNanos - askedNanos >= EVERY_NANOS && underWay < UNDER_WAY;
        if (due) {
            askedNanos = nowNanos;
            underWay++;
        }
        return due;
    }

    /** One was answered, by yes or no. */
    public void answered() {
        underWay--;
    }
}
