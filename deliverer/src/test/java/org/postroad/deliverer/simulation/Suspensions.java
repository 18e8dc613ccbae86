package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Policy;

/**
 * An operator who suspends destinations while mail moves, one or all, for a time or until he takes it back; and whether each node follows.
 * Only in some worlds, and by a chance of its own: the others are as they were without.
 */
final class Suspensions {
    /** A tenth of a second to see it, and as much to hand it on. */
    private static final Duration FOLLOWED = Duration.ofSeconds(1);

    /** An end that is known nodes see when they look next, here after a minute, by clocks that differ. */
    private static final Duration ENDED = Duration.ofMinutes(1).plus(FOLLOWED).plus(Scenario.SKEW);

    private final SplittableRandom chance;
    private final World world;
    private final SimulatedKafka kafka;
    private final Scenario scenario;
    private final Collection<SimulatedNode> nodes;
    private final Witness witness;
    private final Codec<Policy> codec;

    /** Until when, by the subject. */
    private final Map<String, Long> standing = new HashMap<>();

    private int changes;

    /** @param nodes those there are, now and later */
    Suspensions(
            long seed,
            World world,
            SimulatedKafka kafka,
            Scenario scenario,
            Collection<SimulatedNode> nodes,
            Witness witness) {
        this.chance = new SplittableRandom(seed * 37 + 11);
        this.world = world;
        this.kafka = kafka;
        this.scenario = scenario;
        this.nodes = nodes;
        this.witness = witness;
        this.codec = new Codec<>(Policy.class, scenario.mails.schemas);
    }

    void begin() {
        for (int i = chance.nextInt(3) > 0 ? 0 : 1 + chance.nextInt(8); i > 0; i--) {
            world.at(chance.nextLong(scenario.trouble.toNanos()), this::change);
        }
    }

    /** So that all mail ends. */
    void end() {
        List.copyOf(standing.keySet()).forEach(subject -> say(subject, null));
    }

    private void change() {
        List<String> subjects = new ArrayList<>(scenario.routes.keySet());
        subjects.add("*");
        String subject = subjects.get(chance.nextInt(subjects.size()));
        switch (chance.nextInt(4)) {
            case 0 -> say(subject, null);
            case 1 ->
                say(
                        subject,
                        world.now()
                                + Duration.ofSeconds(1 + chance.nextInt(1_800)).toNanos());
            default -> say(subject, Long.MAX_VALUE);
        }
    }

    private void say(String subject, @Nullable Long until) {
        if (until == null) {
            standing.remove(subject);
        } else {
            standing.put(subject, until);
        }
        world.saw("suspend:" + subject + " until " + until);
        Instant end = until == null || until == Long.MAX_VALUE
                ? Instant.MIN
                : world.clock.instant().plusNanos(until - world.now());
        Map<String, String> settings = until == null
                ? Map.of("until", "1970-01-01T00:00:00Z")
                : until == Long.MAX_VALUE ? Map.of() : Map.of("until", end.toString());
        Policy policy = new Policy("suspend", subject, settings, "", "", world.clock.millis());
        kafka.said(new ProducerRecord<>(
                kafka.topics.control().name(), ("suspend:" + subject).getBytes(UTF_8), codec.encode(policy)));
        int change = ++changes;
        world.after(FOLLOWED, () -> check(change));
        if (until != null && until != Long.MAX_VALUE) {
            world.at(until + ENDED.toNanos(), () -> check(change));
        }
    }

    private void check(int change) {
        for (SimulatedNode node : nodes) {
            for (String destination : scenario.routes.keySet()) {
                if (change == changes
                        && node.hasFollowed()
                        && isClear(destination)
                        && node.seen.isSuspended(destination) != isSuspended(destination)) {
                    witness.violation(node.id()
                            + (isSuspended(destination) ? " still sends to " : " does not send to ")
                            + destination);
                }
            }
        }
    }

    private boolean isSuspended(String destination) {
        return stands(destination) || stands("*");
    }

    private boolean stands(String subject) {
        return world.now() < standing.getOrDefault(subject, Long.MIN_VALUE);
    }

    /** Whether every node's clock says the same of an end. */
    private boolean isClear(String destination) {
        return List.of(destination, "*").stream()
                .allMatch(subject -> Math.abs(standing.getOrDefault(subject, Long.MIN_VALUE / 2) / 2 - world.now() / 2)
                        >= ENDED.toNanos() / 2);
    }
}
