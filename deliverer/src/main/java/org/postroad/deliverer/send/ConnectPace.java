package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reply;

/**
 * How soon one address of an exchanger may be connected to again: pure, time is an argument.
 *
 * <p>A connection that breaks before any mail was taken on it is fruitless, whatever broke it: refused, reset, 421 or 554 instead of a
 * banner, 421 to EHLO, to MAIL or to RSET. After a few in a row the next one waits, and each further one waits twice as long (RFC 5321
 * section 4.5.4.1), so that an exchanger sees at most about ten in the first minute and four in each one after, whoever has mail for it.
 * The first mail that it takes ends this.
 *
 * <p>An exchanger that says 421 to one connection and serves others of ours is only full. It is asked for no more than it serves until
 * one of those ends, or half a minute has passed.
 */
final class ConnectPace {
    /** One may be an accident, and two are under way at once to any new destination. */
    static final int FRUITLESS_RUN = 3;

    /** Half of the longest waits of {@link ConcurrencyWindow}: a destination that has an exchanger for itself probes as it says. */
    static final long FIRST_WAIT_NANOS = ConcurrencyWindow.FIRST_PROBE_NANOS;

    static final long LAST_WAIT_NANOS = ConcurrencyWindow.LAST_PROBE_NANOS / 2;

    /** How long an exchanger that refused a further connection is not asked for one. */
    static final long CEILING_NANOS = Duration.ofSeconds(30).toNanos();

    /** The same where it may only not have noticed yet that one of ours has ended. */
    static final long BRIEF_NANOS = Duration.ofMillis(250).toNanos();

    private int run;
    private long wait;
    private long nextAt;
    private boolean probing;
    private @Nullable Breakdown why;
    private int ceiling = Integer.MAX_VALUE;
    private long ceilingUntil;

    /** Whether one more connection may be opened beside so many. */
    boolean mayConnect(int connections, long now) {
        return connections < ceiling(now) && !isWaiting(now);
    }

    /** One is opened, beside which none is until it has worked, failed or taken too long. */
    void connecting(long now) {
        if (run >= FRUITLESS_RUN) {
            probing = true;
            nextAt = now + wait;
        }
    }

    /** Whether it was the exchanger or the network that broke a connection, for all mail and not only for that which needs TLS. */
    static boolean isTheirs(Breakdown breakdown) {
        return switch (breakdown.kind()) {
            case UNREACHABLE, REFUSED, LOST, TIMEOUT, GARBAGE -> true;
            case NO_TLS, CONTENT_GONE, CONTENT_UNREADABLE, WITHHELD, FAULT -> false;
        };
    }

    /** One broke before any mail was taken on it. What was under way when the wait began says nothing new. */
    void fruitless(Breakdown breakdown, long now) {
        why = briefly(breakdown);
        if (run >= FRUITLESS_RUN && !probing) {
            return;
        }
        probing = false;
        run++;
        if (run >= FRUITLESS_RUN) {
            wait = run == FRUITLESS_RUN ? FIRST_WAIT_NANOS : Math.min(LAST_WAIT_NANOS, wait * 2);
            nextAt = now + wait;
        }
    }

    /** It took mail. */
    void worked() {
        run = 0;
        probing = false;
        why = null;
    }

    /** It refused a connection beside so many that it serves, or just has served. */
    void full(int serving, long now) {
        ceiling = serving;
        ceilingUntil = now + (serving == 0 ? BRIEF_NANOS : CEILING_NANOS);
    }

    /** How the last one broke, while the next has to wait for it; else null. */
    @Nullable
    Breakdown waitsFor(long now) {
        return isWaiting(now) ? why : null;
    }

    /** Nothing of it is worth keeping. */
    boolean isForgettable(long now) {
        return run == 0 && ceiling(now) == Integer.MAX_VALUE;
    }

    /** No longer than an outcome can say it: many are remembered. */
    private static Breakdown briefly(Breakdown breakdown) {
        Reply reply = breakdown.reply();
        String detail = Caps.cut(breakdown.detail(), Caps.REPLY_TEXT_OCTETS);
        Reply brief = reply == null
                ? null
                : new Reply(reply.code(), reply.status(), List.of(Caps.cut(reply.text(), Caps.REPLY_TEXT_OCTETS)));
        return new Breakdown(breakdown.kind(), breakdown.step(), brief, detail, false);
    }

    private boolean isWaiting(long now) {
        return run >= FRUITLESS_RUN && now - nextAt < 0;
    }

    private int ceiling(long now) {
        return now - ceilingUntil >= 0 ? Integer.MAX_VALUE : ceiling;
    }
}
