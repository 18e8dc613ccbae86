package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What exchangers and brokers see of the nodes, and whether it may be. */
final class Witness {
    /** How an exchanger took mail. */
    final class Acceptance {
        final SimulatedNode by;
        final List<String> tokens;
        final long at = world.now();
        long toldAt = -1;

        Acceptance(SimulatedNode by, List<String> tokens) {
            this.by = by;
            this.tokens = tokens;
        }

        /** The node has heard of it. */
        void told() {
            toldAt = world.now();
            told.add(this);
        }
    }

    /** A final dot that has left a node, who owned each partition then, and to whom the node knew that it must not send. */
    record Dot(SimulatedNode by, Map<Integer, String> owners, Predicate<String> suspended) {}

    /** A message past its final dot, whose sender has not heard yet what became of it. */
    record Unanswered(SimulatedNode by, int partition, String queueId, long since) {}

    /** As long as anybody may wait for an answer to a dot without hanging up. */
    private static final Duration PATIENCE = Duration.ofMinutes(9);

    /** A copy that may have arrived before is not sent again sooner, by the clocks of whoever put it off and whoever released it. */
    private static final Duration DOUBT = Duration.ofMinutes(30).minus(Scenario.SKEW.multipliedBy(2));

    /** After connections of other mail that broke under it, in a transaction of its own, and all of that again after a crash. */
    private static final int MOST_ASKED = 10;

    private static final Duration LATELY = Duration.ofMinutes(4);

    private final World world;
    private final Map<String, List<Acceptance>> acceptances = new HashMap<>();
    private final Set<Acceptance> told = new LinkedHashSet<>();
    private final Set<Unanswered> unanswered = new LinkedHashSet<>();
    private final Set<String> begun = new HashSet<>();
    private final Map<String, Deque<Long>> asked = new HashMap<>();
    private final Map<String, Long> expiry = new HashMap<>();
    private final Map<String, String> destinations = new HashMap<>();
    private final Set<String> ended = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();
    private final Scenario scenario;
    private @Nullable HoldPolicies holds;
    int copies;
    int dots;

    Witness(World world, Scenario scenario) {
        this.world = world;
        this.scenario = scenario;
    }

    /** What an operator wants held. */
    void holds(HoldPolicies wanted) {
        holds = wanted;
    }

    void violation(String what) {
        violations.add("after " + Duration.ofNanos(world.now()) + ": " + what);
    }

    @Nullable
    String firstViolation() {
        return violations.isEmpty() ? null : violations.get(0);
    }

    private int count(String what, int more) {
        return counts.merge(what, more, Integer::sum);
    }

    void connecting(SimulatedNode from, SimulatedExchanger to) {
        int open = count(from.id() + " connected to " + to.address, 1);
        if (open > from.seen.limit()) {
            violation(open + " connections of " + from.id() + " to " + to.address + " (" + from.seen.limit()
                    + " may be)");
        }
        from.seen.connected(to);
    }

    void disconnected(SimulatedNode from, SimulatedExchanger to) {
        from.seen.disconnected();
        count(from.id() + " connected to " + to.address, -1);
    }

    /** Mail for a destination is on one connection more, or fewer. */
    void underWay(SimulatedNode from, String destination, int more) {
        int under = count(from.id() + " carries for " + destination, more);
        int answered = count(from.id() + " was answered for " + destination, 0) + count(from.id() + " was answered", 0);
        int most = Math.min(from.seen.limitLately(), scenario.firstWindow() + answered);
        if (more > 0 && under > most) {
            violation(under + " messages of " + from.id() + " for " + destination + " at once, after " + answered
                    + " answers");
        }
    }

    /** A message is answered, of whatever destination. */
    void answersSome(SimulatedNode by) {
        count(by.id() + " was answered", 1);
    }

    /** A message for this recipient, and maybe for others, is answered: one more may be under way. */
    void answers(SimulatedNode by, String address) {
        count(by.id() + " was answered for " + address.substring(address.indexOf('@') + 1), 1);
    }

    /** Somebody wants to send mail there: not again and again. */
    void asked(SimulatedExchanger by, String address) {
        Deque<Long> lately = asked.computeIfAbsent(by.address + " for " + address, a -> new ArrayDeque<>());
        lately.addLast(world.now());
        while (world.now() - lately.getFirst() > LATELY.toNanos()) {
            lately.removeFirst();
        }
        if (lately.size() > MOST_ASKED) {
            violation(by.address + " was asked for " + address + " " + lately.size() + " times in " + LATELY);
        }
    }

    /** A node gave a partition up because its group asked for it, in peace with Kafka: what it had heard of is written. */
    void givenUp(String member, int partition) {
        leftUnanswered(member, partition);
        told.removeIf(one -> one.tokens.stream().allMatch(ended::contains) || !one.by.isAlive());
        for (Acceptance one : told) {
            boolean left = one.by.id().equals(member)
                    && one.by.client.isWell()
                    && partitionOf(one.tokens.get(0)) == partition
                    && one.by.hasOwnedSince(partition, one.at);
            if (left) {
                violation(member + " gave up partition " + partition + " before it had written that " + one.tokens
                        + " were delivered");
            }
        }
    }

    Unanswered unanswered(SimulatedNode by, String queueId, List<String> recipients) {
        Unanswered dot = new Unanswered(by, partitionOf(recipients.get(0)), queueId, world.now());
        unanswered.add(dot);
        return dot;
    }

    void answered(Unanswered dot) {
        unanswered.remove(dot);
    }

    /** Its sender has, which is no answer unless it has waited for long. */
    void hungUp(Unanswered dot) {
        if (world.now() - dot.since >= PATIENCE.toNanos()) {
            unanswered.remove(dot);
        }
    }

    /** A partition may leave without what is past its final dot only when that has had its time. */
    private void leftUnanswered(String member, int partition) {
        unanswered.removeIf(dot -> !dot.by.isAlive() || !dot.by.hasOwnedSince(dot.partition, dot.since));
        for (Unanswered dot : unanswered) {
            boolean left = dot.by.id().equals(member) && dot.partition == partition && dot.by.client.isWell();
            if (left && dot.by.leavesSince(partition) < SimulatedDeliverer.DRAIN_LIMIT.toNanos()) {
                violation(member + " gave up partition " + partition + " after "
                        + Duration.ofNanos(dot.by.leavesSince(partition)) + " while " + dot.queueId
                        + " was past its final dot");
            }
        }
    }

    /**
     * MAIL leaves a node. Of a message that it has sent nothing of so far, on a connection that was there, it is the message's start,
     * unless it comes from another connection that ended this instant.
     */
    void mailBegins(SimulatedNode by, String queueId, boolean connected) {
        if (begun.add(by.id() + " " + queueId) && connected && !by.seen.hasLostConnection() && !by.seen.mayStart()) {
            violation(queueId + " was started by " + by.id() + " without the lease");
        }
        String destination = destinations.get(queueId);
        String held = destination == null ? null : Objects.requireNonNull(holds).forbids(queueId, destination);
        if (held != null && by.hasFollowed()) {
            violation(queueId + " was started by " + by.id() + " although " + held + " stands");
        }
        if (destination != null && by.seen.isSuspended(destination)) {
            violation(queueId + " was started by " + by.id() + ", which knew that " + destination + " is suspended");
        }
    }

    /** Mail of these tokens is tried until then. */
    void expires(String token, Duration in) {
        expiry.put(token, world.now() + in.toNanos());
        destinations.put(token.substring(0, token.indexOf(' ')), destinationOf(token));
    }

    private boolean isExpired(String token) {
        return world.now() + Scenario.SKEW.toNanos() >= expiry.getOrDefault(token, Long.MAX_VALUE);
    }

    private int partitionOf(String token) {
        return scenario.partitionOf(destinationOf(token));
    }

    private static String destinationOf(String token) {
        return token.substring(token.indexOf('@') + 1);
    }

    /** Nobody lives there. */
    void refused(String address) {
        refused.add(address);
    }

    Dot dotSent(SimulatedNode by) {
        dots++;
        String fault = by.seen.faultOfDot();
        if (fault != null) {
            violation("a final dot of " + by.id() + " without the lease: " + fault);
        }
        return new Dot(by, by.ownersNow(), by.seen.suspensions());
    }

    void dotArrived(Dot dot, String queueId, List<String> recipients) {
        int partition = partitionOf(recipients.get(0));
        String destination = destinationOf(recipients.get(0));
        if (dot.suspended().test(destination)) {
            violation(queueId + " was sent by " + dot.by().id() + ", which knew that " + destination + " is suspended");
        }
        String owner = dot.owners().get(partition);
        if (!dot.by().id().equals(owner)) {
            violation(queueId + " was sent by " + dot.by().id() + " while partition " + partition + " was of " + owner);
        }
    }

    Acceptance accepted(SimulatedNode by, String queueId, List<String> recipients) {
        List<String> tokens = recipients.stream()
                .map(address -> Mails.token(queueId, address))
                .toList();
        Acceptance acceptance = new Acceptance(by, tokens);
        for (String token : tokens) {
            List<Acceptance> before = acceptances.computeIfAbsent(token, t -> new ArrayList<>(1));
            if (!before.isEmpty()) {
                copies++;
                mayBeCopied(token, before.get(before.size() - 1));
            }
            if (ended.contains(token)) {
                violation(token + " was sent after its end had been written");
            }
            before.add(acceptance);
            world.saw(by.id() + " delivers " + token);
        }
        return acceptance;
    }

    /** SMTP's own window: the reply was lost, or the node before its commit. */
    private void mayBeCopied(String token, Acceptance before) {
        boolean stayed = before.by.isAlive() && before.by.hasOwnedSince(partitionOf(token), before.at);
        if (stayed && before.toldAt >= 0) {
            violation(token + " was sent again by a node that had heard that it was taken");
        } else if (stayed && world.now() - before.at < DOUBT.toNanos() && !isExpired(token)) {
            violation(token + " was sent again although it may have arrived "
                    + Duration.ofNanos(world.now() - before.at) + " before");
        }
    }

    /** An outcome is written. */
    void delivered(String token) {
        List<Acceptance> taken = acceptances.get(token);
        if (taken == null) {
            violation(token + " is said to be delivered, and no exchanger took it");
        }
        ended(token);
    }

    void failed(String token, boolean expired) {
        String address = token.substring(token.indexOf(' ') + 1);
        if (!expired && !refused.contains(address)) {
            violation(token + " failed, and no exchanger refused it");
        }
        ended(token);
    }

    /** By an operator. */
    void givenUp(String token) {
        ended(token);
    }

    private void ended(String token) {
        if (!ended.add(token)) {
            violation(token + " ended twice");
        }
    }

    boolean hasEnded(String token) {
        return ended.contains(token);
    }
}
