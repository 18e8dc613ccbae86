package org.postroad.deliverer.send;

import java.time.Duration;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Envelope;

/**
 * How the waiting mail of a destination that was dead is called back: a portion when it answers again, and the next whenever most of
 * what came has left, so that it comes at the rate at which the destination takes it. Time is an argument.
 */
final class Recovery {
    /** With no more than this waiting the next portion is called. */
    static final int NEARLY_EMPTY = 500;

    /** A portion takes about so long from being called to being here. */
    static final long PORTION_NANOS = Duration.ofSeconds(1).toNanos();

    /** Where less than this has come since a portion was called, none of it was full. */
    static final int FULL = 100;

    /** What is left then comes when it is due. */
    private static final long LONGEST_NANOS = Duration.ofHours(2).toNanos();

    /** One that dies and recovers every few seconds does not have all its mail moved each time. */
    static final long PAUSE_NANOS = Duration.ofSeconds(60).toNanos();

    /** Of each partition that keeps waiting mail: enough to find out whether mail is taken. */
    static final int FEW = RouteQueue.PROBES_KEPT;

    /** The same of a destination that takes it. */
    static final int MANY = 1_000;

    private final String destination;
    private final Recoveries recoveries;
    private boolean resuming;
    private long resumedAt;
    private boolean greeted;
    private boolean begun;
    private long begunAt;
    private long sinceMillis;
    private int portion;
    private long calledAt;
    private int came;

    Recovery(String destination, Recoveries recoveries) {
        this.destination = destination;
        this.recoveries = recoveries;
    }

    /** An exchanger greets again, and there is no mail here that could be tried: a few are called. */
    void greeted(long now, long nowMillis) {
        if (!greeted || now - calledAt >= PAUSE_NANOS) {
            greeted = true;
            call(new RecoveryNotice(destination, nowMillis, nowMillis, 0, FEW), now);
        }
    }

    /** Whether an exchanger that answers a message is news. */
    boolean mayBegin(boolean wasDead) {
        return wasDead || greeted;
    }

    /** It takes mail again. */
    void begin(long now, long nowMillis) {
        greeted = false;
        if (!begun || now - begunAt >= PAUSE_NANOS) {
            begun = true;
            begunAt = now;
            sinceMillis = nowMillis;
            portion = 0;
            callNext(now, nowMillis);
        }
    }

    /** An operator lets mail go there again: it is called in a moment, when what was put off until now is written. */
    void resumes(long now) {
        resuming = true;
        resumedAt = now;
    }

    /** Calls the mail of a destination that was suspended, whatever was called before. */
    void callResumed(long now, long nowMillis) {
        if (resuming && now - resumedAt >= PORTION_NANOS) {
            resuming = false;
            begun = false;
            begin(now, nowMillis);
        }
    }

    /** It is suspended again. */
    void suspended() {
        resuming = false;
        begun = false;
        came = 0;
    }

    /** Mail came. */
    void came(Envelope envelope) {
        came += begun && envelope.getNotBefore() > 0 ? 1 : 0; // it waited in a tier
    }

    /** Whether so much came since the last call that there may be more. */
    boolean mayBeMore(long now) {
        return resuming || came >= FULL && now - begunAt < LONGEST_NANOS;
    }

    /** Calls more of it, unless enough waits. */
    void callMore(int waiting, long now, long nowMillis) {
        if (!resuming && mayBeMore(now) && waiting < NEARLY_EMPTY && now - calledAt >= PORTION_NANOS) {
            callNext(now, nowMillis);
        }
    }

    private void callNext(long now, long nowMillis) {
        call(new RecoveryNotice(destination, sinceMillis, nowMillis, portion++, MANY), now);
    }

    private void call(RecoveryNotice notice, long now) {
        came = 0;
        calledAt = now;
        recoveries.announce(notice);
    }
}
