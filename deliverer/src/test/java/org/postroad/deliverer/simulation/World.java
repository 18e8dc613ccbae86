package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.postroad.testkit.ManualClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time and chance of one simulation: what happens next, whatever it is, happens when the clock has come to it. One thread, and
 * nothing but the seed decides, so that a run can be had again.
 */
final class World {
    private record Event(long at, long number, Runnable what) {}

    /** Something that goes on by itself: a node with its event loops and threads. */
    interface Actor {
        /** When it wants to go on, by the world's clock; {@link Long#MAX_VALUE} for never. */
        long nextAt();

        /** Does all that is due. */
        void goOn();
    }

    private static final Logger LOG = LoggerFactory.getLogger(World.class);
    private static final boolean SHOWN = Boolean.getBoolean("postroad.trace");

    final ManualClock clock = new ManualClock();
    private final SplittableRandom random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final List<Actor> actors = new ArrayList<>();
    private long number;
    private long trace = 17;
    private long steps;

    World(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A source of chance of its own: what one part draws changes nothing for the others. */
    SplittableRandom chance() {
        return random.split();
    }

    long now() {
        return clock.nanoTime();
    }

    void add(Actor actor) {
        actors.add(actor);
    }

    void remove(Actor actor) {
        actors.remove(actor);
    }

    void at(long nanos, Runnable what) {
        events.add(new Event(Math.max(nanos, now()), number++, what));
    }

    void after(Duration wait, Runnable what) {
        at(now() + wait.toNanos(), what);
    }

    /** Until nothing is left to do before that instant, or the invariant is broken. */
    void run(long untilNanos, Runnable invariant) {
        while (step(untilNanos)) {
            invariant.run();
        }
    }

    private boolean step(long until) {
        long next = events.isEmpty() ? Long.MAX_VALUE : events.peek().at();
        for (Actor actor : actors) {
            next = Math.min(next, actor.nextAt());
        }
        if (next > until) {
            clock.advance(Duration.ofNanos(until - now()));
            return false;
        }
        clock.advance(Math.max(0, next - now()), TimeUnit.NANOSECONDS);
        Event due = events.peek();
        if (due != null && due.at() <= now()) {
            events.remove().what().run();
        }
        for (Actor actor : actors.toArray(new Actor[0])) {
            actor.goOn();
        }
        steps++;
        return true;
    }

    /** Something that is seen from outside: two runs of one seed see the same, and {@code -Dpostroad.trace} shows it. */
    void saw(String what) {
        trace = trace * 31 + what.hashCode();
        trace = trace * 31 + now();
        if (SHOWN && LOG.isInfoEnabled()) {
            LOG.atInfo().log("{} {}", Duration.ofNanos(now()), what);
        }
    }

    long trace() {
        return trace;
    }

    long steps() {
        return steps;
    }
}
