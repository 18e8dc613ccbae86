package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Policy;

/**
 * An operator who changes the limit of every destination while mail moves, takes it back, and makes mistakes; and whether each node
 * follows. Only in some worlds, and by a chance of its own: the others are as they were without.
 */
final class ChangingLimits {
    private static final String KEY = "limit:*";

    /** A tenth of a second to see it, and as much to hand it on. */
    private static final Duration FOLLOWED = Duration.ofSeconds(1);

    private final SplittableRandom chance;
    private final World world;
    private final SimulatedKafka kafka;
    private final Scenario scenario;
    private final Collection<SimulatedNode> nodes;
    private final Witness witness;
    private final Codec<Policy> codec;
    private int limit;
    private int changes;

    /** @param nodes those there are, now and later */
    ChangingLimits(
            long seed,
            World world,
            SimulatedKafka kafka,
            Scenario scenario,
            Collection<SimulatedNode> nodes,
            Witness witness) {
        this.chance = new SplittableRandom(~seed);
        this.world = world;
        this.kafka = kafka;
        this.scenario = scenario;
        this.nodes = nodes;
        this.witness = witness;
        this.codec = new Codec<>(Policy.class, scenario.mails.schemas);
        this.limit = scenario.connections;
    }

    void begin() {
        for (int i = chance.nextInt(3) > 0 ? 0 : 1 + chance.nextInt(8); i > 0; i--) {
            world.at(chance.nextLong(scenario.trouble.toNanos()), this::change);
        }
    }

    private void change() {
        switch (chance.nextInt(5)) {
            case 0 -> say(null, scenario.connections);
            case 1 -> say(mistake(), scenario.connections);
            default -> {
                int next = 1 + chance.nextInt(scenario.connections);
                say(Map.of("connections", Integer.toString(next)), next);
            }
        }
    }

    /** Each means nothing, so the file decides. */
    private Map<String, String> mistake() {
        Map<String, String> settings = new HashMap<>(Map.of("connections", "1"));
        switch (chance.nextInt(4)) {
            case 0 -> settings.put("connections", "-1");
            case 1 -> settings.put("idle", "soon");
            case 2 -> settings.put("until", "tomorrow");
            default -> settings.put("until", "2025-12-31T23:00:00Z"); // has ended
        }
        return settings;
    }

    private void say(@Nullable Map<String, String> settings, int means) {
        byte[] value = settings == null
                ? null
                : codec.encode(new Policy("limit", "*", settings, "", "", world.clock.millis()));
        world.saw("limit:* is " + settings);
        limit = means;
        int change = ++changes;
        kafka.said(new ProducerRecord<>(kafka.topics.control().name(), KEY.getBytes(UTF_8), value));
        world.after(FOLLOWED, () -> check(change));
    }

    private void check(int change) {
        for (SimulatedNode node : nodes) {
            if (change == changes && node.hasFollowed() && node.seen.limit() != limit) {
                witness.violation(node.id() + " still allows " + node.seen.limit() + " connections, not " + limit);
            }
        }
    }
}
