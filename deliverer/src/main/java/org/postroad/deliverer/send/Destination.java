package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.Holds;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.config.Suspension;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/**
 * All mail of this node for one destination: what waits, and what of it may have its turn. What has had it, its {@link Carrier} carries.
 *
 * <p>Confined to its loop.
 */
final class Destination implements WaitingDestination {
    /** How long one without mail keeps what it learned: windows and throttles outlive a pause. */
    static final long REMEMBERED_NANOS = Duration.ofMinutes(10).toNanos();

    private final String name;
    private final LoopParts parts;
    private final RouteQueues queues;
    private final Slots slots;
    private final Fleet fleet;
    private final Recovery recovery;
    private final Lessons lessons;
    private final Carrier carrier;
    private @Nullable Suspension suspended;
    private Holds holds = Holds.NONE;
    private boolean pumping;

    Destination(String name, Limits limits, LoopParts parts) {
        Limit limit = limits.of(name);
        this.name = name;
        this.parts = parts;
        this.queues = new RouteQueues(
                limit.connections(), parts.node().config().retry().schedule(), parts.random(), parts.metrics());
        this.slots = new Slots(parts, limit.connections(), this::pump);
        this.fleet = new Fleet(this, parts, limit, this::pumpLater);
        this.recovery = new Recovery(name, parts.node().recoveries());
        Experience experience = new Experience(name, parts.metrics(), parts.standing());
        this.lessons = new Lessons(parts, queues, experience, recovery);
        this.carrier = new Carrier(this, parts, queues, slots, fleet, lessons, this::pumpLater);
        limit(limits);
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * What holds from now on: what is more than it allows ends with the message that it carries. While it is suspended that is nothing,
     * and what is not past its final dot waits elsewhere. What is to be held of what waits is.
     */
    void limit(Limits limits) {
        Limit now = limits.of(name);
        Suspension suspension = limits.suspension(name);
        Suspension before = suspended;
        holds = limits.holds();
        suspended = suspension;
        Limit limit = suspension == null ? now : new Limit(now.destination(), 0, 0, Duration.ZERO);
        fleet.limit(limit);
        slots.connections(limit.connections());
        queues.connections(now.connections());
        if (!holds.isEmpty()) {
            queues.removeIf(this::isHeld).forEach(carrier::end);
        }
        if (suspension != null) {
            Outcome waits = untried(suspension);
            recovery.suspended();
            queues.removeIf(attempt -> true).forEach(attempt -> carrier.end(attempt, waits));
            carrier.active().stop(waits);
        } else if (before != null) {
            recovery.resumes(parts.now());
        }
        pumpLater();
    }

    /** Whether nobody is left of whom operators do not want it held; whom they do has that outcome. */
    private boolean isHeld(Attempt attempt) {
        if (holds.isEmpty()) {
            return false;
        }
        holds.why(attempt.open().delivery()).forEach((i, why) -> attempt.outcomes.judge(i, new Outcome.Held(why)));
        return attempt.outcomes.isAllJudged();
    }

    private Outcome untried(Suspension suspension) {
        return new Outcome.Untried(suspension.dueIn(parts.nowMillis()), suspension.why());
    }

    @Override
    public int waiting() {
        return queues.size();
    }

    /** What it remembers, in entries of the same size. */
    int remembered() {
        return 1 + queues.count();
    }

    void accept(OpenDelivery open) {
        assert parts.loop().inEventLoop();
        Attempt attempt = new Attempt(open, parts.node().content(), carrier);
        Suspension suspension = suspended;
        try {
            if (isHeld(attempt)) {
                carrier.end(attempt);
                return;
            }
            Outcome outcome = suspension != null
                    ? untried(suspension)
                    : RoutePolicy.ofRoute(open.delivery(), attempt.said(parts.nowMillis()));
            if (outcome != null) {
                carrier.end(attempt, outcome);
            } else {
                queue(attempt);
            }
        } catch (Throwable bug) {
            carrier.active().fault(attempt, bug);
        }
    }

    private void queue(Attempt attempt) {
        RouteQueue queue = queues.of(attempt.open().delivery(), parts.now());
        attempt.queue(queue);
        recovery.came(attempt.envelope());
        Outcome failure = queue.unreachable();
        if (queue.isDead() && failure != null && attempt.isExpired(parts.nowMillis())) {
            carrier.end(attempt, failure); // its own exchangers failed a moment ago, and it has no more time to wait
        } else if (queues.isFull(queue)) {
            carrier.overflow(attempt);
        } else {
            queues.add(queue, attempt);
            pump();
        }
    }

    /** Starts what may be started. */
    void pump() {
        assert parts.loop().inEventLoop();
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            for (RouteQueue next = next(); next != null; next = next()) {
                carrier.begin(next, slots.mayStartLarge(next, parts.now()));
            }
        } finally {
            pumping = false;
        }
    }

    private @Nullable RouteQueue next() {
        if (queues.size() == 0 || !slots.isAnyFree() || !fleet.mayGrow()) {
            return null;
        }
        long now = parts.now();
        RouteQueue next = queues.next(now, queue -> slots.hasNext(queue, now));
        return next != null && parts.permissions().toStart(this, now) ? next : null;
    }

    /** Not in the middle of what made it possible. */
    private void pumpLater() {
        if (queues.size() > 0 && slots.isAnyFree()) {
            parts.loop().execute(this::pump);
        }
    }

    @Override
    public boolean call() {
        queues.called(parts.now());
        boolean needed = queues.isAny(queue -> slots.hasNext(queue, parts.now()));
        pump();
        return needed;
    }

    @Override
    public @Nullable Transaction board(SmtpConnection connection) {
        return carrier.board(connection);
    }

    /** Time passes: deadlines, idle connections, probes, and what waited for permission. */
    @Override
    public void tick(long now) {
        for (SmtpConnection connection : fleet.all()) {
            connection.tick(now);
        }
        queues.measure(now);
        recovery.callResumed(now, parts.nowMillis());
        recovery.callMore(queues.size(), now, parts.nowMillis());
        if (suspended == null) {
            queues.probe(now, silent -> new Probe(name, parts, fleet, lessons, silent).begin());
        }
        pump();
    }

    /** It has nothing to do for a while, and keeps only what it learned. */
    void fallAsleep() {
        queues.forgetPlans();
    }

    /**
     * Nothing is left that another message could use, and nobody has to call its mail back. Of dead exchangers the age of their outage is,
     * until what it overflowed returns.
     */
    boolean isForgettable(long now) {
        return suspended == null
                && isIdle()
                && now - carrier.active().endedAt() > REMEMBERED_NANOS + queues.overflowReturnsNanos();
    }

    /** Nothing of it needs the passing of time. */
    boolean isAsleep() {
        return isIdle() && !queues.isAnyUnreached() && !recovery.mayBeMore(parts.now());
    }

    boolean isIdle() {
        return isQuiet() && fleet.isEmpty();
    }

    boolean isQuiet() {
        return carrier.active().isEmpty() && queues.size() == 0;
    }

    void revoke(Predicate<OpenDelivery> leaves) {
        queues.removeIf(attempt -> leaves.test(attempt.open())).forEach(carrier.active()::giveBack);
        carrier.active().revoke(leaves);
    }

    void abandon(Predicate<OpenDelivery> leaves) {
        revoke(leaves);
        carrier.active().abandon(leaves);
    }

    /** The newer half of what waits goes elsewhere, unless it is about to leave much faster than it did. */
    void relieve() {
        RouteQueue fullest = queues.fullest();
        if (fullest != null && !fullest.window.isOpening(parts.now())) {
            carrier.overflow(fullest, fullest.backlog.size() / 2);
        }
    }
}
