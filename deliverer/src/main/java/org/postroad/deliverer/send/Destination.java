package org.postroad.deliverer.send;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Dialog;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Limit;
import org.postroad.deliverer.work.OpenDelivery;
import org.postroad.deliverer.work.Outcome;

/**
 * All mail of this node for one destination: what waits, what is under way, and the connections it has.
 *
 * <p>Confined to its station's loop. The ideas are in {@link Backlog}, {@link ConcurrencyWindow}, {@link Experience}
 * and {@link FailurePolicy}; this class moves mail between them.
 */
final class Destination implements SmtpConnection.Owner {
    /** A dead destination keeps so many for its probes; the others need not wait here. */
    static final int PROBES_KEPT = 8;

    private final String name;
    private final Station station;
    private final Experience experience;
    private final ConcurrencyWindow window;
    private final Backlog<Attempt> backlog;
    private final RecentPlan recentPlan = new RecentPlan();
    private final Fleet fleet;
    private final Set<Attempt> active = new HashSet<>();
    private int busy;
    private boolean pumping;
    private long usedAt = System.nanoTime();

    Destination(String name, Station station) {
        this.name = name;
        this.station = station;
        Limit limit = station.outfit().limitOf(name);
        this.window = new ConcurrencyWindow(limit.connections(), ThreadLocalRandom.current(), usedAt);
        this.experience = new Experience(name, outfit().metrics(), window, station.standing());
        this.fleet = new Fleet(this, station.connections(), limit, window);
        this.backlog = new Backlog<>(
                attempt -> attempt.open().octets(), outfit().config().retry().schedule(), System.nanoTime());
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

    int waiting() {
        return backlog.size();
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
            } else if (backlog.isFull() || window.isDead() && backlog.size() >= PROBES_KEPT) {
                overflow(attempt);
            } else {
                backlog.add(attempt);
                outfit().metrics().waiting(1);
                pump();
            }
        } catch (Throwable bug) {
            attempt.fault(bug);
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
            while (backlog.size() > 0 && mayStart(System.nanoTime())) {
                start(taken());
            }
        } finally {
            pumping = false;
        }
    }

    private boolean mayStart(long now) {
        return busy < window.size(now) && fleet.mayGrow(now) && station.hasLease(this, now);
    }

    private Attempt taken() {
        Attempt attempt = backlog.take();
        if (attempt == null) {
            throw new IllegalStateException("nothing waits");
        }
        outfit().metrics().waiting(-1);
        active.add(attempt);
        return attempt;
    }

    private void start(Attempt attempt) {
        hold(attempt);
        attempt.begin();
    }

    private void hold(Attempt attempt) {
        busy++;
        attempt.holdsSlot(true);
    }

    /** It does not use a connection any more. */
    void released(Attempt attempt) {
        if (attempt.holdsSlot()) {
            attempt.holdsSlot(false);
            busy--;
            backlog.finished();
        }
    }

    /** It has ended. */
    void left(Attempt attempt) {
        active.remove(attempt);
        usedAt = System.nanoTime();
        if (backlog.size() > 0 && busy < window.size(usedAt)) {
            loop().execute(this::pump);
        }
    }

    /** It was not tried after all. */
    void putBack(Attempt attempt) {
        released(attempt);
        active.remove(attempt);
        backlog.putBack(attempt);
        outfit().metrics().waiting(1);
        loop().execute(this::pump);
    }

    /** Finds the addresses for it, at once when they are known. */
    void plan(Attempt attempt, Consumer<AddressPlan> then) {
        AddressPlan recent = recentPlan.of(attempt.delivery(), System.nanoTime());
        if (recent != null) {
            then.accept(recent);
        } else {
            station.plan(attempt.delivery(), found -> {
                recentPlan.remember(attempt.delivery(), found, System.nanoTime());
                then.accept(found);
            });
        }
    }

    @Nullable
    SmtpConnection takeIdle(AddressPlan plan) {
        return fleet.takeIdle(plan);
    }

    /** A new connection, or null when there is no room for it now. */
    @Nullable
    SmtpConnection connect(Endpoint endpoint, Attempt attempt) {
        if (!fleet.mayOpen(endpoint, System.nanoTime())) {
            return null;
        }
        SmtpConnection connection =
                new SmtpConnection(endpoint, outfit().source().ehlo(), outfit().tls(), this, attempt);
        fleet.opening(connection);
        connection.open(station.bootstrap());
        return connection;
    }

    /** A connection that it waited for is free, or there is room for a new one; false when it needs none any more. */
    boolean call() {
        fleet.called(System.nanoTime());
        boolean needed = backlog.size() > 0;
        if (needed) {
            pump();
        }
        return needed;
    }

    void opened(SmtpConnection connection) {
        station.memory().opened(connection.endpoint().address(), connection.isEncrypted(), System.nanoTime());
        outfit().metrics().connectionOpened();
    }

    /** Whether the exchanger only has enough of our connections; else it is remembered as failing. */
    boolean isFull(SmtpConnection failed, Breakdown why) {
        long now = System.nanoTime();
        boolean full = why.reply() != null && why.reply().code() == 421 && fleet.isFull(failed.endpoint(), now);
        if (!full && !FailurePolicy.isTlsTrouble(why)) {
            station.memory().failed(failed.endpoint().address(), now);
            recentPlan.forget();
        }
        return full;
    }

    boolean mayGoInClear(Endpoint endpoint) {
        return station.memory().mayGoInClear(endpoint, System.nanoTime());
    }

    /** What a connection's failure says of us, or of an exchanger that speaks no SMTP. */
    void notOpened(Breakdown why) {
        experience.notOpened(why, System.nanoTime());
    }

    /** All addresses failed one message; those past their expiry have been tried with it. */
    void unreachable(Outcome outcome) {
        long now = System.nanoTime();
        window.failed(now);
        long nowMillis = outfit().nowMillis();
        for (Attempt expired : leaving(attempt -> attempt.isExpired(nowMillis))) {
            end(expired, outcome);
        }
        if (window.isDead()) {
            overflowBeyond(PROBES_KEPT);
        }
    }

    /** What a transaction's end says of the exchanger. */
    void learn(SmtpConnection connection, Transaction ended, FailurePolicy.Judgement judgement) {
        long now = System.nanoTime();
        if (judgement.lesson() == FailurePolicy.Lesson.FAILED) {
            station.memory().failed(connection.endpoint().address(), now);
            recentPlan.forget();
        }
        experience.learn(ended, judgement, station.memory().crossing(connection.endpoint()), now);
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
            } else if (rider.isWanted() && !rider.holdsSlot()) {
                hold(rider);
            }
        }
    }

    @Override
    public boolean permitsDot() {
        return station.permitsDot(this, System.nanoTime());
    }

    @Override
    public @Nullable Transaction rider(SmtpConnection connection) {
        long now = System.nanoTime();
        if (!station.memory().crossing(connection.endpoint()).isAllowed(now)) {
            return null;
        }
        boolean may = fleet.mayCarryOn(connection) && busy <= window.size(now);
        AddressPlan plan = may ? planOfNext(connection, now) : null;
        return plan != null ? taken().ride(connection, plan) : fleet.riderOfOthers(connection);
    }

    /** Its next message in the flight of another destination's dot, with which the connection becomes its own. */
    @Nullable
    Transaction board(SmtpConnection connection) {
        long now = System.nanoTime();
        boolean may = fleet.mayBoard(connection, now) && busy < window.size(now);
        AddressPlan plan = may ? planOfNext(connection, now) : null;
        if (plan == null) {
            return null;
        }
        Attempt next = taken();
        Transaction rider = next.ride(connection, plan);
        if (rider != null) {
            hold(next);
            fleet.boarded(connection);
        }
        return rider;
    }

    /** The addresses of what waits next, if this connection leads to one of them. */
    private @Nullable AddressPlan planOfNext(SmtpConnection connection, long now) {
        Attempt next = backlog.peek();
        AddressPlan plan = next == null || !next.mayRide() ? null : recentPlan.of(next.delivery(), now);
        return plan == null || !plan.prefers(connection.endpoint()) ? null : plan;
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
    public void replied(Dialog step, long nanos) {
        outfit().metrics().replied(step, nanos);
    }

    @Override
    public void failed(Dialog step, long nanos) {
        outfit().metrics().failed(step, nanos);
    }

    /** Time passes: deadlines, idle connections, probes, and what waited for permission. */
    void tick(long now) {
        for (SmtpConnection connection : fleet.all()) {
            connection.tick(now);
        }
        backlog.measure(now);
        pump();
    }

    /**
     * Nothing is left of it that another message could use. Of a dead one the length of its outage is: forgotten before what
     * it overflowed returns, it would put that off by the shortest wait, again and again.
     */
    boolean isForgettable(long now) {
        long overflowReturns = window.isClosed() ? backlog.longestWaitNanos() : 0;
        return isAsleep() && now - usedAt > Station.REMEMBERED_NANOS + overflowReturns;
    }

    /** Nothing of it needs the passing of time. */
    boolean isAsleep() {
        return isQuiet() && fleet.isEmpty();
    }

    boolean isQuiet() {
        return active.isEmpty() && backlog.size() == 0;
    }

    void revoke(Predicate<OpenDelivery> leaves) {
        leaving(attempt -> leaves.test(attempt.open())).forEach(Attempt::giveBack);
        activeOf(leaves).forEach(Attempt::leave);
    }

    void abandon(Predicate<OpenDelivery> leaves) {
        revoke(leaves);
        activeOf(leaves).forEach(Attempt::abandon);
    }

    private List<Attempt> activeOf(Predicate<OpenDelivery> which) {
        return active.stream().filter(attempt -> which.test(attempt.open())).toList();
    }

    /** The newer half of what waits goes elsewhere, unless it is about to leave much faster than it did. */
    void relieve() {
        if (!window.isOpening(System.nanoTime())) {
            overflowBeyond(backlog.size() / 2);
        }
    }

    private List<Attempt> leaving(Predicate<Attempt> which) {
        List<Attempt> left = new ArrayList<>(backlog.removeIf(which));
        outfit().metrics().waiting(-left.size());
        return left;
    }

    private void overflowBeyond(int keep) {
        List<Attempt> newest = backlog.overflow(keep);
        outfit().metrics().waiting(-newest.size());
        newest.forEach(this::overflow);
    }

    private void overflow(Attempt attempt) {
        long now = System.nanoTime();
        Duration dueIn = backlog.dueIn(now, window.closedForNanos(now));
        String why = window.isClosed() ? "the destination does not answer" : "the destination has enough waiting";
        end(attempt, new Outcome.Untried(dueIn, why));
    }

    private void end(Attempt unstarted, Outcome outcome) {
        active.add(unstarted);
        unstarted.finishWith(outcome);
    }
}
