package org.postroad.deliverer.delivery;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The permission to start mail and to send final dots: held while it is proven that no other node can own this node's partitions, and
 * few dots were sent since the last successful commit began. So a node that froze or lost Kafka stops before its successor delivers
 * the same mail.
 *
 * <p>Two things prove it, each from the moment it was begun, never from its answer, which may have been under way for long: a commit
 * for two seconds; and, where commits are slow, a request that begins this member's session anew, for that session less a second. Every
 * proof of this process that is frozen grows old with it.
 *
 * <p>Dots are counted where they are permitted, on the event loops, because these go on sending while the poller waits for a commit.
 * What was sent before a commit began is settled by its success, or still unanswered; what was sent since would be in doubt.
 *
 * <p>How many are few is learned: twice as many after each commit that was quick; after slow ones as many as a quick one settles at full
 * speed. So a node that has just started, whose first commits take long, does not run ahead of them by thousands of mails that
 * would all be in doubt if it died.
 *
 * <p>Renewed by the poller, asked by every event loop: a dot costs one atomic addition.
 */
public final class Lease {
    /** Longer than a commit under load, shorter than the shortest session timeout (6 s) by far. */
    public static final Duration LIFE = Duration.ofSeconds(2);

    /** Of a session of six seconds; what is permitted at the end has a second to get out. */
    public static final Duration SESSION_LIFE = Duration.ofSeconds(5);

    /** However well this node is known to its group: a commit that takes longer may as well never come. */
    public static final Duration LONGEST_COMMIT = Duration.ofMinutes(2);

    /** Two renewals have failed, or a commit is slow. */
    private static final long OVERDUE_NANOS = LIFE.toNanos() / 2;

    /** What fits a few connections. */
    private static final int FIRST_LIMIT = 64;

    /** What is sent in a commit's interval at full speed: a death while Kafka is slow doubles no more than any. */
    private static final int SLOW_LIMIT = 1_000;

    /** Several commit intervals: Kafka does not keep up. */
    private static final long SLOW_NANOS = 150_000_000;

    private final AtomicLong sent = new AtomicLong();
    private final int mostInDoubt;
    private volatile int inDoubtLimit;
    private volatile long settled;
    private volatile long renewedNanos;
    private volatile long sessionNanos;
    private volatile boolean sessionProven;
    private volatile boolean granted;

    /** @param mostInDoubt dots between two commits, however quick these are */
    public Lease(int mostInDoubt) {
        this.mostInDoubt = mostInDoubt;
        this.inDoubtLimit = Math.min(FIRST_LIMIT, mostInDoubt);
    }

    /**
     * A commit succeeded that began and ended at these instants of {@link Ticker#nanoTime}; of the first it proves ownership.
     *
     * @param sentBefore what {@link #sent} was before it began
     */
    public void renew(long begunNanos, long endedNanos, long sentBefore) {
        boolean quick = endedNanos - begunNanos < SLOW_NANOS;
        inDoubtLimit = (int) Math.min(mostInDoubt, quick ? inDoubtLimit * 2L : afterSlow(inDoubtLimit));
        settled = sentBefore;
        renewedNanos = begunNanos;
        granted = true;
    }

    private static long afterSlow(int limit) {
        return limit > SLOW_LIMIT ? Math.max(SLOW_LIMIT, limit / 2) : Math.min(SLOW_LIMIT, limit + FIRST_LIMIT);
    }

    /** The group began this member's session anew, at this instant of {@link Ticker#nanoTime} or later. */
    public void proveSession(long begunNanos) {
        sessionNanos = sessionProven ? Math.max(sessionNanos, begunNanos) : begunNanos;
        sessionProven = true;
    }

    /** Whether no commit has proven anything lately, so that the session has to. */
    public boolean isOverdue(long nowNanos) {
        return granted && nowNanos - renewedNanos >= OVERDUE_NANOS;
    }

    /** No more starts and dots until the next commit. */
    public void end() {
        granted = false;
        sessionProven = false;
    }

    /** Whether mail may be started: a dot of it might be permitted. */
    public boolean isHeld(long nowNanos) {
        return granted && isProven(nowNanos) && sent.get() - settled < inDoubtLimit;
    }

    private boolean isProven(long nowNanos) {
        long age = nowNanos - renewedNanos;
        return age < LIFE.toNanos()
                || age < LONGEST_COMMIT.toNanos() && sessionProven && nowNanos - sessionNanos < SESSION_LIFE.toNanos();
    }

    /** Takes the permission for one final dot; loops that ask at the same moment may exceed the limit by one each. */
    public boolean permitsDot(long nowNanos) {
        boolean held = isHeld(nowNanos);
        if (held) {
            sent.incrementAndGet();
        }
        return held;
    }

    /** Dots permitted so far. */
    public long sent() {
        return sent.get();
    }
}
