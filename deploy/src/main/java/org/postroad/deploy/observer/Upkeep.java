package org.postroad.deploy.observer;

import java.time.Duration;

/** Lets go what is old, in memory and on the disk, a part at a time; confined to one thread. */
final class Upkeep {
    private static final long FORGET_EVERY_MILLIS = 60_000;
    private static final long EXPIRE_EVERY_MILLIS = 600_000;

    /** Rows that are looked at in one turn, so that a turn stays short. */
    private static final int EXPIRY_ROWS = 5_000;

    private final QueueCounts counts;
    private final Expiry expiry;
    private final Duration kept;
    private long forgetAtMillis;
    private long expireAtMillis;

    /** @param kept how old the youngest event of a message may be when it is over */
    Upkeep(Index index, Duration kept) {
        this.counts = index.counts();
        this.expiry = index.expiry();
        this.kept = kept;
    }

    void turn(long nowMillis) {
        if (nowMillis >= forgetAtMillis) {
            counts.forget(nowMillis);
            forgetAtMillis = nowMillis + FORGET_EVERY_MILLIS;
        }
        if (nowMillis >= expireAtMillis && !expiry.turn(nowMillis - kept.toMillis(), EXPIRY_ROWS)) {
            expireAtMillis = nowMillis + EXPIRE_EVERY_MILLIS;
        }
    }
}
