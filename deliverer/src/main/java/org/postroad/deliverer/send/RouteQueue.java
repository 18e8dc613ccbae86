package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.address.AddressPlanner;
import org.postroad.deliverer.address.ExchangerSet;
import org.postroad.deliverer.delivery.Outcome;

/**
 * The mail of one destination that has the same exchangers: what waits, where it can go now, and whether they answer.
 *
 * <p>A destination is what good manners are owed to, and may be a roll-up of many domains; but where exchangers do not answer, only the
 * mail that goes to them waits. Confined to its destination's loop.
 */
final class RouteQueue {
    /** Of dead exchangers so many messages are kept for probes; the others need not wait here. */
    static final int PROBES_KEPT = 8;

    /** Short, so that equal exchangers get their shuffle and recovered addresses their turn. */
    static final long PLAN_LIFE_NANOS = Duration.ofSeconds(5).toNanos();

    /** After so long one that waits for a connection looks by itself whether there is one. */
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    final ExchangerSet exchangers;
    final ConcurrencyWindow window;
    final Backlog<Attempt> backlog;
    private int busy;
    private @Nullable AddressPlan plan;
    private long planUntil;
    private long waitsUntil;
    private boolean probing;
    private Outcome.@Nullable Deferred unreachable;

    /**
     * @param connections the limit of its destination
     * @param schedule the wait after each attempt
     */
    RouteQueue(ExchangerSet exchangers, int connections, List<Duration> schedule, RandomGenerator random, long now) {
        this.exchangers = exchangers;
        this.window = new ConcurrencyWindow(connections, random, now);
        this.backlog = new Backlog<>(attempt -> attempt.open().octets(), attempt -> attempt.large, schedule, now);
        this.waitsUntil = now;
    }

    /** Whether one more message may be under way. */
    boolean hasRoom(long now) {
        return busy < window.size(now);
    }

    /** Whether one may be started now, for which there is no connection yet. */
    boolean mayStart(long now) {
        return hasRoom(now) && now - waitsUntil >= 0;
    }

    /** Whether the next message may go in the flight of a dot of this queue. */
    boolean mayRide(long now) {
        return busy <= window.size(now);
    }

    /** Whether no mail is here that could find out if its exchangers, which could not be reached, answer again; then it is time to. */
    boolean wantsProbe(long now) {
        return isUnreached() && backlog.size() == 0 && busy == 0 && !probing && window.size(now) > 0;
    }

    /** Its exchangers could not be reached, and have not answered since. */
    boolean isUnreached() {
        return window.isClosed() && unreachable != null;
    }

    void probing(boolean yes) {
        probing = yes;
    }

    /** One of its exchangers answered, whatever it said. */
    void reached() {
        unreachable = null;
    }

    void started() {
        busy++;
    }

    void ended() {
        busy--;
        backlog.finished();
    }

    boolean isQuiet() {
        return busy == 0 && backlog.size() == 0;
    }

    boolean isFull() {
        return backlog.isFull() || isDead() && backlog.size() >= PROBES_KEPT;
    }

    /** When and why a message of it that does not fit should come back. */
    Outcome untried(long now) {
        String why = window.isClosed() ? "the destination does not answer" : "the destination has enough waiting";
        return new Outcome.Untried(backlog.dueIn(now, window.closedForNanos(now)), why);
    }

    boolean isDead() {
        return window.isDead();
    }

    /** All addresses failed one message. */
    void unreachable(Outcome outcome, long now) {
        window.failed(now);
        unreachable = outcome instanceof Outcome.Deferred deferred ? deferred : null;
    }

    /** How the exchangers failed the last time, while they have not answered since: the words for mail that is past its expiry. */
    Outcome.@Nullable Deferred unreachable() {
        return window.isClosed() ? unreachable : null;
    }

    /** The addresses found last, or null. */
    @Nullable
    AddressPlan plan(long now) {
        return plan != null && now - planUntil < 0 ? plan : null;
    }

    /** The addresses to try, at once when they were found a moment ago. */
    void plan(AddressPlanner planner, Consumer<AddressPlan> then, Consumer<Throwable> failed) {
        AddressPlan recent = plan(planner.now());
        if (recent != null) {
            then.accept(recent);
            return;
        }
        Consumer<AddressPlan> remembered = found -> {
            plan = found.endpoints().isEmpty() ? null : found;
            planUntil = planner.now() + PLAN_LIFE_NANOS;
            then.accept(found);
        };
        planner.plan(exchangers, remembered, failed);
    }

    void forgetPlan() {
        plan = null;
    }

    /** There is no connection for it now; it is called when there is. */
    void waits(long now) {
        waitsUntil = now + LOOK_AGAIN_NANOS;
    }

    void called(long now) {
        waitsUntil = now;
    }
}
