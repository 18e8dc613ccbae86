package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.config.Source;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Topics;

/** What a seed decides once: how many of what, and how they are set. */
final class Scenario {
    /** By which clocks of nodes differ from the brokers'. */
    static final Duration SKEW = Duration.ofSeconds(2);

    static final Duration RECENT = RecoveryNotice.RECENT.plusMinutes(1);

    /** Of {@link org.postroad.deliverer.send}, as manners towards a stranger: two, or a twentieth of a raised limit. */
    private static final int FIRST_WINDOW = 2;

    private static final int LONGEST_IDLE_POLL = 60_000;

    /** A destination whose exchanger nothing ever ails. */
    static final String CALM = "calm.test";

    final int nodes;
    final int loops;
    final int roads;
    final int connections;
    final int messagesPerConnection;
    final int mostInDoubt;
    final int busyPoll;
    private final int idlePoll;
    final int messages;
    final Duration trouble;
    final Duration lifetime;
    final boolean isAnyLarge;
    final RetryConfig retry;
    final Topics topics;
    final Mails mails;

    /** The exchangers of each destination, by number. */
    final Map<String, List<Integer>> routes = new LinkedHashMap<>();

    /** Those that fall ill, and after them one that does not. */
    final int exchangers;

    private ToIntFunction<String> partitions = destination -> 0;

    Scenario(SplittableRandom chance) {
        boolean large = chance.nextInt(25) == 0;
        nodes = 1 + chance.nextInt(3);
        loops = 1 + chance.nextInt(2);
        roads = 1 + chance.nextInt(4);
        connections = chance.nextInt(5) == 0 ? 40 + chance.nextInt(40) : 1 + chance.nextInt(8);
        messagesPerConnection = List.of(1, 3, 50).get(chance.nextInt(3));
        mostInDoubt = List.of(2, 8, 2_000).get(chance.nextInt(3));
        busyPoll = chance.nextInt(12) == 0 ? 100 : List.of(400, 900).get(chance.nextInt(2));
        idlePoll = large || chance.nextInt(12) > 0 ? LONGEST_IDLE_POLL : 600;
        messages = 3 + chance.nextInt(large ? 60 : 12);
        trouble = Duration.ofMinutes(5 + chance.nextInt(large ? 400 : 35));
        isAnyLarge = chance.nextInt(8) == 0;
        lifetime = Duration.ofHours(4 + chance.nextInt(60));
        retry = new RetryConfig(RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.schedule(), lifetime);
        topics = new Topics("p.", Topics.Size.STANDALONE, retry.tiers(), lifetime);
        mails = new Mails(topics);
        exchangers = 2 + chance.nextInt(4);
        int destinations = 1 + chance.nextInt(6);
        for (int i = 0; i < destinations; i++) {
            List<Integer> all = new ArrayList<>();
            for (int j = 1 + chance.nextInt(3); j > 0; j--) {
                int one = chance.nextInt(exchangers);
                if (!all.contains(one)) {
                    all.add(one);
                }
            }
            routes.put("d" + i + ".test", all);
        }
        routes.put(CALM, List.of(exchangers));
    }

    /** Where records of a destination go is the log's affair. */
    void placing(ToIntFunction<String> placing) {
        partitions = placing;
    }

    int partitionOf(String destination) {
        return partitions.applyAsInt(destination);
    }

    /** How long a node that has nothing to do may do nothing, in milliseconds. */
    int idlePoll(long nowNanos) {
        return nowNanos < trouble.toNanos() ? idlePoll : LONGEST_IDLE_POLL;
    }

    DelivererConfig config() {
        return new DelivererConfig(
                25,
                List.of(new Source("default", "mail.sender.test", null)),
                List.of(new Limit("*", connections, messagesPerConnection, Duration.ofSeconds(5))),
                false,
                List.of(),
                retry,
                SimulatedDeliverer.DRAIN_LIMIT);
    }

    /** Messages at once to a destination that has answered none. */
    int firstWindow() {
        return Math.min(connections, Math.max(FIRST_WINDOW, connections / 20));
    }

    /** An address that nobody else has. */
    static String host(int exchanger) {
        return "192.0.2." + (exchanger + 1);
    }

    @Override
    public String toString() {
        return nodes + " nodes, " + loops + " loops, " + roads + " partitions, " + routes + ", " + connections
                + " connections, " + messagesPerConnection + " messages each, " + messages + " mails, trouble for "
                + trouble
                + ", lifetime " + lifetime + ", " + mostInDoubt + " in doubt";
    }
}
