package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.Limits;

/** What can be seen of one node: its commits, its final dots, its connections and how many it may have. */
final class SeenOfNode {
    /** A message that waits for replies of three exchangers in turn is under way for half as long. */
    private static final long LATELY = Duration.ofMinutes(30).toNanos();

    private record Past(int limit, long until) {}

    private final World world;
    private final int mostInDoubt;
    private final Deque<Long> dots = new ArrayDeque<>();
    private final Map<SimulatedExchanger, Deque<Long>> connects = new HashMap<>();
    private final Map<SimulatedExchanger, Integer> inVain = new HashMap<>();
    private @Nullable Long lastCommitBegun;
    private long lastProof = Long.MIN_VALUE / 2;
    private long disconnectedAt = -1;
    private final Deque<Past> limits = new ArrayDeque<>();
    private int limit;
    private Limits given = new Limits(List.of());

    SeenOfNode(World world, int mostInDoubt, int limit) {
        this.world = world;
        this.mostInDoubt = mostInDoubt;
        this.limit = limit;
    }

    /** What its event loops have to keep to from now on. */
    void limited(Limits now) {
        limits.addLast(new Past(limit, world.now()));
        limit = now.of(Scenario.CALM).connections();
        given = now;
    }

    /** Whether they know that nothing is to be sent there. */
    boolean isSuspended(String destination) {
        return given.suspension(destination) != null;
    }

    /** The same, as it is now. */
    Predicate<String> suspensions() {
        Limits now = given;
        return destination -> now.suspension(destination) != null;
    }

    int limit() {
        return limit;
    }

    /** The highest by which anything can have begun that is under way now. */
    int limitLately() {
        while (!limits.isEmpty() && world.now() - limits.getFirst().until() > LATELY) {
            limits.removeFirst();
        }
        return Math.max(limit, limits.stream().mapToInt(Past::limit).max().orElse(0));
    }

    /** A commit was answered, whose transaction began then. */
    void committed(long begun) {
        lastCommitBegun = begun;
        while (!dots.isEmpty() && dots.getFirst() < begun) {
            dots.removeFirst();
        }
    }

    /** The group has answered that it knows the node, which was asked for then. */
    void proven(long asked) {
        lastProof = Math.max(lastProof, asked);
    }

    /** Why it may not send the final dot that it sends now; null when it may. */
    @Nullable
    String faultOfDot() {
        long now = world.now();
        dots.addLast(now);
        if (lastCommitBegun == null || !isProven(now, lastCommitBegun)) {
            return "its last commit began "
                    + (lastCommitBegun == null ? "never" : Duration.ofNanos(now - lastCommitBegun) + " ago");
        }
        return dots.size() > mostInDoubt ? dots.size() + " since its last commit began" : null;
    }

    /** Whether mail that is seen to start now may have had the lease when it was; its content may have had to be read first. */
    boolean mayStart() {
        long before = world.now() - Duration.ofSeconds(1).toNanos();
        return lastCommitBegun != null && isProven(before, lastCommitBegun);
    }

    void disconnected() {
        disconnectedAt = world.now();
    }

    /** Whether a connection ended this instant, whose message may be on another now. */
    boolean hasLostConnection() {
        return disconnectedAt == world.now();
    }

    /** A commit of the last two seconds, or of the last two minutes and word from the group of the last five seconds. */
    private boolean isProven(long now, long commitBegun) {
        return now - commitBegun < Duration.ofSeconds(2).toNanos()
                || now - commitBegun < Duration.ofMinutes(2).toNanos()
                        && now - lastProof < Duration.ofSeconds(5).toNanos();
    }

    void connected(SimulatedExchanger to) {
        long now = world.now();
        Deque<Long> lately = connects.computeIfAbsent(to, t -> new ArrayDeque<>());
        lately.addLast(now);
        while (now - lately.getFirst() > Duration.ofMinutes(1).toNanos()) {
            lately.removeFirst();
        }
        if (to.uselessFor() == 0) {
            inVain.remove(to);
        } else {
            inVain.merge(to, 1, Integer::sum);
        }
    }

    /** Connections that were begun there in the minute before the last. */
    int connectsLately(SimulatedExchanger to) {
        Deque<Long> lately = connects.get(to);
        return lately == null ? 0 : lately.size();
    }

    /** Connections that were begun there since one was of use. */
    int connectsInVain(SimulatedExchanger to) {
        return inVain.getOrDefault(to, 0);
    }
}
