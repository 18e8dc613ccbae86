package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.ExchangerSet;
import org.postroad.schemas.Delivery;

/**
 * All that waits for one destination, in a queue for each set of exchangers; the queues take turns. Confined to its destination's loop.
 */
final class RouteQueues {
    /** Idle ones of one destination that are kept for what they learned. */
    static final int REMEMBERED = 16;

    /** The same of exchangers that do not answer, which it would cost connections to find out again. */
    static final int REMEMBERED_DEAD = 256;

    /** Other queues are looked at for one that may follow on a connection, but not a long line of them for every message. */
    private static final int MOST_ASKED = 8;

    private int connections;
    private final List<Duration> schedule;
    private final RandomGenerator random;
    private final SendMetrics metrics;
    private final Map<ExchangerSet, RouteQueue> queues = new LinkedHashMap<>(4, 0.75f, true);

    /** Those with mail; whose turn is next comes first. */
    private final LinkedHashSet<RouteQueue> waiting = new LinkedHashSet<>(4);

    private @Nullable RouteQueue last;
    private int size;

    /** @param schedule the wait after each attempt */
    RouteQueues(int connections, List<Duration> schedule, RandomGenerator random, SendMetrics metrics) {
        this.connections = connections;
        this.schedule = schedule;
        this.random = random;
        this.metrics = metrics;
    }

    /** So many messages at most of each queue are under way from now on. */
    void connections(int now) {
        connections = now;
        queues.values().forEach(queue -> queue.window.limit(now));
    }

    /** Messages that wait. */
    int size() {
        return size;
    }

    /** Sets of exchangers it remembers something of. */
    int count() {
        return queues.size();
    }

    Collection<RouteQueue> all() {
        return queues.values();
    }

    RouteQueue of(Delivery delivery, long now) {
        RouteQueue found = last;
        if (found == null || !found.exchangers.isOf(delivery)) {
            found = queues.computeIfAbsent(
                    ExchangerSet.of(delivery),
                    exchangers -> new RouteQueue(exchangers, connections, schedule, random, now));
            forgetSome(found);
            last = found;
        }
        return found;
    }

    /** Whether a message more is too much: for the queue, or for all where it has its share already. */
    boolean isFull(RouteQueue queue) {
        return queue.isFull()
                || size >= Backlog.RECORDS && queue.backlog.size() >= Backlog.RECORDS / Math.max(1, waiting.size());
    }

    void add(RouteQueue queue, Attempt attempt) {
        queue.backlog.add(attempt);
        more(queue);
    }

    /** It was taken and comes back untouched: it keeps its turn. */
    void putBack(RouteQueue queue, Attempt attempt) {
        queue.backlog.putBack(attempt);
        more(queue);
    }

    private void more(RouteQueue queue) {
        waiting.add(queue);
        changed(1);
    }

    /** The queue whose turn it is of those that may start a message, or null. */
    @Nullable
    RouteQueue next(long now, Predicate<RouteQueue> hasNext) {
        if (waiting.size() == 1) {
            RouteQueue only = waiting.iterator().next();
            return only.mayStart(now) && hasNext.test(only) ? only : null;
        }
        for (RouteQueue queue : waiting) {
            if (queue.mayStart(now) && hasNext.test(queue)) {
                waiting.remove(queue); // no more of this iterator is asked for
                waiting.add(queue);
                return queue;
            }
        }
        return null;
    }

    /** One of the others for which this is true, or null. */
    @Nullable
    RouteQueue other(@Nullable RouteQueue current, Predicate<RouteQueue> isIt) {
        int asked = 0;
        for (Iterator<RouteQueue> others = waiting.iterator(); others.hasNext() && asked < MOST_ASKED; asked++) {
            RouteQueue other = others.next();
            if (other != current && isIt.test(other)) {
                return other;
            }
        }
        return null;
    }

    /** Whether this is true of any with mail. */
    boolean isAny(Predicate<RouteQueue> isIt) {
        for (RouteQueue queue : waiting) {
            if (isIt.test(queue)) {
                return true;
            }
        }
        return false;
    }

    /** Whether another queue of this destination could start a message if it had a connection. */
    boolean isAwaitedBesides(@Nullable RouteQueue current, long now) {
        if (waiting.isEmpty() || waiting.size() == 1 && waiting.contains(current)) {
            return false;
        }
        return other(current, queue -> queue.hasRoom(now)) != null;
    }

    /** @param largeToo whether it may be one with large content */
    Attempt take(RouteQueue queue, boolean largeToo) {
        Attempt attempt = queue.backlog.take(largeToo);
        if (attempt == null) {
            throw new IllegalStateException("nothing waits");
        }
        fewer(queue, 1);
        return attempt;
    }

    List<Attempt> removeIf(Predicate<Attempt> leaves) {
        List<Attempt> left = new ArrayList<>();
        List.copyOf(waiting).forEach(queue -> left.addAll(removeIf(queue, leaves)));
        return left;
    }

    List<Attempt> removeIf(RouteQueue queue, Predicate<Attempt> leaves) {
        List<Attempt> left = queue.backlog.removeIf(leaves);
        fewer(queue, left.size());
        return left;
    }

    /** The newest of a queue, all but so many. */
    List<Attempt> overflow(RouteQueue queue, int keep) {
        List<Attempt> newest = queue.backlog.overflow(keep);
        fewer(queue, newest.size());
        return newest;
    }

    /** The queue with most waiting, or null. */
    @Nullable
    RouteQueue fullest() {
        RouteQueue fullest = null;
        for (RouteQueue queue : waiting) {
            fullest = fullest == null || queue.backlog.size() > fullest.backlog.size() ? queue : fullest;
        }
        return fullest;
    }

    void called(long now) {
        waiting.forEach(queue -> queue.called(now));
    }

    void measure(long now) {
        queues.values().forEach(queue -> queue.backlog.measure(now));
    }

    /** After so long all that overflowed because its exchangers are dead has come back. */
    long overflowReturnsNanos() {
        long longest = 0;
        for (RouteQueue queue : queues.values()) {
            longest = queue.window.isClosed() ? Math.max(longest, queue.backlog.longestWaitNanos()) : longest;
        }
        return longest;
    }

    /** Asks exchangers without mail, where it is time to; one set of them at a time. */
    void probe(long now, Consumer<RouteQueue> asking) {
        queues.values().stream()
                .filter(queue -> queue.wantsProbe(now))
                .findFirst()
                .ifPresent(asking);
    }

    boolean isAnyUnreached() {
        return queues.values().stream().anyMatch(RouteQueue::isUnreached);
    }

    boolean isAnyDead() {
        return queues.values().stream().anyMatch(RouteQueue::isDead);
    }

    /** Where mail could go now is found out afresh when there is some. */
    void forgetPlans() {
        queues.values().forEach(RouteQueue::forgetPlan);
    }

    private void fewer(RouteQueue queue, int messages) {
        changed(-messages);
        if (queue.backlog.size() == 0) {
            waiting.remove(queue);
        }
    }

    private void changed(int messages) {
        size += messages;
        metrics.waiting(messages);
    }

    /** A domain whose exchangers change all the time, or a roll-up of many that are dead, must not grow into memory of all of them. */
    private void forgetSome(RouteQueue but) {
        if (queues.size() > REMEMBERED) {
            queues.values()
                    .removeIf(queue -> queue != but
                            && queue.isQuiet()
                            && queues.size() > (queue.window.isClosed() ? REMEMBERED_DEAD : REMEMBERED));
        }
    }
}
