package org.postroad.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The topic table: nothing else names a topic, a group or a transactional id.
 *
 * <p>What mail waits in is kept until it was handled; time must never delete mail that nobody has handled.
 */
public final class Topics {
    private static final Duration REPORTING = Duration.ofDays(30);
    private static final Duration QUOTAS = Duration.ofDays(2);
    private static final Duration REQUESTS = Duration.ofDays(2);

    private final String prefix;
    private final Size size;
    private final List<Duration> tiers;
    private final Duration lifetime;

    /** Partition counts of a cluster and of a single broker. */
    public enum Size {
        CLUSTER(24, 12, 6),
        STANDALONE(4, 1, 1);

        final int road;
        final int events;
        final int waiting;

        Size(int road, int events, int waiting) {
            this.road = road;
            this.events = events;
            this.waiting = waiting;
        }
    }

    /**
     * @param tiers the retry delays, each a topic
     * @param lifetime how long mail is retried; content outlives it by the replay window and the longest hold
     */
    public Topics(String prefix, Size size, List<Duration> tiers, Duration lifetime) {
        this.prefix = prefix;
        this.size = size;
        this.tiers = List.copyOf(tiers);
        this.lifetime = lifetime;
    }

    public Topic inbound() {
        return new Topic(prefix + "inbound", size.road, null, false);
    }

    public Topic again() {
        return new Topic(prefix + "again", size.road, null, false);
    }

    public Topic content() {
        return new Topic(prefix + "content", size.road, lifetime.plus(REPORTING).plus(FutureRelease.LONGEST), false);
    }

    public Topic outbound() {
        return new Topic(prefix + "outbound", size.road, null, false);
    }

    /** One tier; its name says its delay. */
    public Topic retry(Duration delay) {
        return new Topic(retryPrefix() + shortText(delay), size.waiting, null, false);
    }

    public String retryPrefix() {
        return prefix + "retry.";
    }

    public Topic held() {
        return new Topic(prefix + "held", size.waiting, null, false);
    }

    public Topic failed() {
        return new Topic(prefix + "failed", size.waiting, REPORTING, false);
    }

    public Topic events() {
        return new Topic(prefix + "events", size.events, REPORTING, false);
    }

    public Topic control() {
        return new Topic(prefix + "control", 1, null, true);
    }

    public Topic rejects() {
        return new Topic(prefix + "rejects", 1, REPORTING, false);
    }

    /** Claims on quotas, in the one order that decides them; kept longer than the longest window. */
    public Topic quotas() {
        return new Topic(prefix + "quotas", 1, QUOTAS, false);
    }

    /** Requests by HTTP with a key of their own, in the one order that says which of the same key was first; kept longer than their day. */
    public Topic requests() {
        return new Topic(prefix + "requests", 1, REQUESTS, false);
    }

    /** What waits for a lookup, in the router's store "parked" and nowhere else; Streams gives it its name. */
    public Topic parkedChangelog() {
        return new Topic(routerGroup() + "-parked-changelog", size.road, null, true);
    }

    /** How long mail is retried. */
    public Duration lifetime() {
        return lifetime;
    }

    public List<Duration> tiers() {
        return tiers;
    }

    public List<Topic> retries() {
        return tiers.stream().map(this::retry).toList();
    }

    public List<Topic> all() {
        List<Topic> all = new ArrayList<>(List.of(inbound(), again(), content(), outbound()));
        all.addAll(retries());
        all.addAll(List.of(held(), failed(), events(), control(), rejects(), quotas(), requests(), parkedChangelog()));
        return all;
    }

    /** Streams application id, and so the router's consumer group. */
    public String routerGroup() {
        return prefix + "router";
    }

    public String delivererGroup() {
        return prefix + "deliverer";
    }

    public String retryGroup() {
        return prefix + "retry";
    }

    /** What each group reads. */
    public List<GroupReads> groups() {
        List<Topic> waiting = new ArrayList<>(retries());
        waiting.add(held());
        return List.of(
                new GroupReads(routerGroup(), List.of(inbound(), again(), failed())),
                new GroupReads(delivererGroup(), List.of(outbound())),
                new GroupReads(retryGroup(), waiting));
    }

    /** A consumer group with the topics it must have offsets for. */
    public record GroupReads(String group, List<Topic> topics) {}

    public String transactionalId(String role) {
        return prefix + role;
    }

    /** How the transactional ids of routers begin; Streams gives each its name. */
    public List<String> routerTransactions() {
        return List.of(routerGroup() + "-");
    }

    /** How the transactional ids of deliverers begin: those of outcomes and those of released mail. */
    public List<String> delivererTransactions() {
        return List.of(transactionalId("deliverer-"), transactionalId("retry-"));
    }

    /** Every topic, group and transactional id of ours begins with it. */
    public String prefix() {
        return prefix;
    }

    /** "30s", "1m", "4h", "5d": the largest unit that divides the duration. */
    public static String shortText(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds <= 0 || !duration.equals(Duration.ofSeconds(seconds))) {
            throw new IllegalArgumentException("whole seconds, at least one: " + duration);
        }
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
