package org.postroad.deliverer.send;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Limit;
import org.postroad.deliverer.work.OpenDelivery;
import org.postroad.deliverer.work.Outcome;

/**
 * All mail of this node for one destination: what waits, what is under way, and the connections it has.
 *
 * <p>Confined to its station's loop. The ideas are in {@link RouteQueue}, {@link Backlog}, {@link ConcurrencyWindow},
 * {@link Experience} and {@link FailurePolicy}; this class moves mail between them.
 */
final class Destination implements SmtpConnection.Owner {
    private final String name;
    private final Station station;
    private final Experience experience;
    private final RouteQueues queues;
    private final Fleet fleet;
    private final Boarding boarding;
    private final Recovery recovery;
    private final ActiveAttempts active = new ActiveAttempts();
    private final Slots slots;
    private boolean pumping;
    private long usedAt;

    Destination(String name, Station station) {
        this.name = name;
        this.station = station;
        this.usedAt = now();
        Limit limit = station.outfit().limitOf(name);
        this.experience = new Experience(name, outfit().metrics(), station.standing());
        this.fleet = new Fleet(this, station.connections(), limit);
        this.queues = new RouteQueues(
                limit.connections(), outfit().config().retry().schedule(), station.random(), outfit().metrics());
        this.boarding = new Boarding(this, queues, fleet);
        this.recovery = new Recovery(name, outfit().recoveries());
        this.slots = new Slots(station, limit.connections(), this::pump);
    }

    String name() {
        return name;
    }

    Outfit outfit() {
        return station.outfit();
    }

    EventLoop loop() {
        return station.loop();
    }

    long now() {
        return station.now();
    }

    int waiting() {
        return queues.size();
    }

    /** What it remembers, in entries of the same size. */
    int remembered() {
        return 1 + queues.count();
    }

    int refusedRun() {
        return experience.refusedRun();
    }

    void accept(OpenDelivery open) {
        assert loop().inEventLoop();
        Attempt attempt = new Attempt(this, open);
        try {
            Outcome outcome = RoutePolicy.ofRoute(open.delivery(), new Words(null, outfit().nowMillis()));
            if (outcome != null) {
                end(attempt, outcome);
            } else {
                queue(attempt);
            }
        } catch (Throwable bug) {
            attempt.fault(bug);
        }
    }

    private void queue(Attempt attempt) {
        RouteQueue queue = queues.of(attempt.open().delivery(), now());
        attempt.queue(queue);
        recovery.came(attempt.envelope());
        Outcome failure = queue.unreachable();
        if (queue.isDead() && failure != null && attempt.isExpired(outfit().nowMillis())) {
            end(attempt, failure); // its own exchangers failed a moment ago, and it has no more time to wait for them
        } else if (queues.isFull(queue)) {
            overflow(attempt);
        } else {
            queues.add(queue, attempt);
            pump();
        }
    }

    /** Starts what may be started. */
    void pump() {
        assert loop().inEventLoop();
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            for (Attempt next = next(); next != null; next = next()) {
                slots.hold(next);
                next.begin();
            }
        } finally {
            pumping = false;
        }
    }

    private @Nullable Attempt next() {
        if (queues.size() == 0 || !slots.isAnyFree() || !fleet.mayGrow()) {
            return null;
        }
        long now = now();
        RouteQueue next = queues.next(now, queue -> slots.hasNext(queue, now));
        return next != null && station.hasLease(this, now) ? taken(next, slots.mayStartLarge(next, now)) : null;
    }

    private Attempt taken(RouteQueue queue, boolean largeToo) {
        Attempt attempt = queues.take(queue, largeToo);
        active.add(attempt);
        return attempt;
    }

    /** Whether a message may go to this address now; one whose content is large may have to wait for others. */
    boolean mayGoTo(Endpoint endpoint, Attempt attempt) {
        return slots.mayGoTo(endpoint.address(), attempt, now());
    }

    /** It does not use a connection any more. */
    void released(Attempt attempt) {
        slots.release(attempt);
    }

    /** It has ended. */
    void left(Attempt attempt) {
        active.remove(attempt);
        usedAt = now();
        pumpLater();
    }

    /** Not in the middle of what made it possible. */
    void pumpLater() {
        if (queues.size() > 0 && slots.isAnyFree()) {
            loop().execute(this::pump);
        }
    }

    /** It was not tried after all. */
    void putBack(Attempt attempt) {
        released(attempt);
        active.remove(attempt);
        queues.putBack(attempt.queue(), attempt);
        pumpLater();
    }

    /** Finds the addresses for it, at once when they are known. */
    void plan(Attempt attempt, Consumer<AddressPlan> then) {
        attempt.queue().plan(station, then, attempt::fault);
    }

    @Nullable
    SmtpConnection takeIdle(AddressPlan plan) {
        return fleet.takeIdle(plan);
    }

    /** How the last connection there broke, while the next has to wait; else null. */
    @Nullable
    Breakdown waitsFor(Endpoint endpoint) {
        return station.connections().waitsFor(endpoint.address(), now());
    }

    /** A new connection, or null when there is no room for it now. */
    @Nullable
    SmtpConnection connect(Endpoint endpoint, RouteQueue queue, SmtpConnection.Opener opener) {
        SmtpConnection connection =
                new SmtpConnection(endpoint, outfit().source().ehlo(), outfit().tls(), loop().ticker(), this, opener);
        if (!fleet.takesPlace(endpoint, queue, now())) {
            return null;
        }
        fleet.open(connection, station.bootstrap());
        return connection;
    }

    /** A connection that it waited for is free, or there is room for a new one; false when it needs none any more. */
    boolean call() {
        queues.called(now());
        boolean needed = queues.isAny(queue -> slots.hasNext(queue, now()));
        pump();
        return needed;
    }

    void opened(SmtpConnection connection) {
        station.connections().ready(connection);
        station.memory().opened(connection.endpoint().address(), connection.isEncrypted(), now());
        outfit().metrics().connectionOpened();
    }

    /** Whether the exchanger only has enough of our connections: it serves others. */
    boolean isOnlyFull(Attempt attempt, SmtpConnection failed, Breakdown why) {
        return fleet.isOnlyFull(failed.endpoint(), why, attempt.queue(), now());
    }

    /** It could not be connected to. */
    void notConnected(RouteQueue queue, SmtpConnection failed, Breakdown why) {
        if (!FailurePolicy.isTlsTrouble(why)) {
            station.memory().notOpened(failed.endpoint().address(), why, now());
            queue.forgetPlan();
        }
        station.connections().broke(failed, why, now());
    }

    boolean mayGoInClear(Endpoint endpoint) {
        return station.memory().mayGoInClear(endpoint, now());
    }

    /** What a connection's failure says of us, or of an exchanger that speaks no SMTP. */
    void notOpened(Attempt attempt, Breakdown why) {
        experience.notOpened(attempt.queue().window, why, now());
    }

    /** All addresses failed one message; those past their expiry that have the same exchangers have been tried with it. */
    void unreachable(RouteQueue queue, Outcome outcome) {
        queue.unreachable(outcome, now());
        if (outcome instanceof Outcome.Deferred) {
            long nowMillis = outfit().nowMillis();
            queues.removeIf(queue, attempt -> attempt.isExpired(nowMillis)).forEach(expired -> end(expired, outcome));
        }
        if (queue.isDead()) {
            queues.overflow(queue, RouteQueue.PROBES_KEPT).forEach(this::overflow);
        }
    }

    /** What a transaction's end says of the exchanger. */
    void learn(Attempt attempt, SmtpConnection connection, Transaction ended, FailurePolicy.Judgement judgement) {
        long now = now();
        RouteQueue queue = attempt.queue();
        boolean wasDead = queue.isDead();
        if (judgement.lesson() == FailurePolicy.Lesson.FAILED) {
            station.memory().failed(connection.endpoint().address(), now);
            queue.forgetPlan();
        } else {
            queue.reached();
        }
        station.connections().ended(connection, ended, now);
        experience.learn(queue.window, ended, judgement, station.memory().crossing(connection.endpoint()), now);
        if (recovery.mayBegin(wasDead) && !queue.window.isClosed() && !queues.isAnyDead()) {
            recovery.begin(now, outfit().nowMillis());
        }
    }

    /** What rode with the dot has the connection now: with its predecessor's slot, or for another destination. */
    void promote(SmtpConnection connection) {
        Transaction next = connection.current();
        if (connection.isClosed()) {
            fleet.left(connection);
        } else if (next != null && next.sender() instanceof Attempt rider) {
            if (rider.destination != this) {
                fleet.left(connection);
                connection.passTo(rider.destination);
            } else if (rider.isWanted() && !rider.holdsSlot) {
                slots.hold(rider);
            }
        }
    }

    @Override
    public boolean permitsDot() {
        return station.permitsDot(this, now());
    }

    @Override
    public @Nullable Transaction rider(SmtpConnection connection) {
        long now = now();
        if (!station.memory().crossing(connection.endpoint()).isAllowed(now)) {
            return null;
        }
        RouteQueue next = boarding.following(connection, now);
        AddressPlan plan = next == null ? null : Boarding.planOfNext(next, connection, now);
        return next != null && plan != null
                ? taken(next, false).ride(connection, plan)
                : fleet.riderOfOthers(connection);
    }

    /** Its next message in the flight of another destination's dot, with which the connection becomes its own. */
    @Nullable
    Transaction board(SmtpConnection connection) {
        long now = now();
        RouteQueue queue = slots.isAnyFree() ? boarding.boarding(connection, now) : null;
        AddressPlan plan = queue == null ? null : Boarding.planOfNext(queue, connection, now);
        if (queue == null || plan == null) {
            return null;
        }
        Attempt next = taken(queue, false);
        Transaction rider = next.ride(connection, plan);
        if (rider != null) {
            slots.hold(next);
            fleet.boarded(connection);
            queue.called(now);
        }
        return rider;
    }

    @Override
    public void idle(SmtpConnection connection) {
        fleet.idle(connection, station.isClosing());
        loop().execute(this::pump); // after the one that waited for the connection
    }

    @Override
    public void closed(SmtpConnection connection) {
        fleet.closed(connection);
    }

    @Override
    public void replied(Step step, long nanos) {
        outfit().metrics().replied(step, nanos);
    }

    @Override
    public void failed(Step step, long nanos) {
        outfit().metrics().failed(step, nanos);
    }

    /** Time passes: deadlines, idle connections, probes, and what waited for permission. */
    void tick(long now) {
        for (SmtpConnection connection : fleet.all()) {
            connection.tick(now);
        }
        queues.measure(now);
        recovery.callMore(queues.size(), now, outfit().nowMillis());
        queues.probe(now, silent -> new Probe(this, silent, recovery).begin(station));
        pump();
    }

    /** It has nothing to do for a while, and keeps only what it learned. */
    void fallAsleep() {
        queues.forgetPlans();
    }

    /** Nothing is left that another message could use. Of dead exchangers the age of their outage is, until what it overflowed returns. */
    boolean isForgettable(long now) {
        return isIdle() && now - usedAt > Station.REMEMBERED_NANOS + queues.overflowReturnsNanos();
    }

    /** Nothing of it needs the passing of time. */
    boolean isAsleep() {
        return isIdle() && !queues.isAnyUnreached() && !recovery.mayBeMore(now());
    }

    boolean isIdle() {
        return isQuiet() && fleet.isEmpty();
    }

    boolean isQuiet() {
        return active.isEmpty() && queues.size() == 0;
    }

    void revoke(Predicate<OpenDelivery> leaves) {
        queues.removeIf(attempt -> leaves.test(attempt.open())).forEach(Attempt::giveBack);
        active.of(leaves).forEach(Attempt::leave);
    }

    void abandon(Predicate<OpenDelivery> leaves) {
        revoke(leaves);
        active.of(leaves).forEach(Attempt::abandon);
    }

    /** The newer half of what waits goes elsewhere, unless it is about to leave much faster than it did. */
    void relieve() {
        RouteQueue fullest = queues.fullest();
        if (fullest != null && !fullest.window.isOpening(now())) {
            queues.overflow(fullest, fullest.backlog.size() / 2).forEach(this::overflow);
        }
    }

    private void overflow(Attempt attempt) {
        end(attempt, attempt.queue().untried(now()));
    }

    private void end(Attempt unstarted, Outcome outcome) {
        active.add(unstarted);
        unstarted.finishWith(outcome);
    }
}
