package org.postroad.schemas;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;

/**
 * The brokers' settings that decide how long mail stands still after a death, and what they should be. None endangers mail, and not
 * everyone may set them, so they stop nobody from starting.
 */
final class BrokerAdvice {
    /** A number of milliseconds that should be no greater. */
    private record Most(String setting, long millis, String why) {}

    private static final List<Most> ALL = List.of(
            new Most("broker.session.timeout.ms", 3_000, "so long a killed broker's partitions have no leader"),
            new Most("replica.lag.time.max.ms", 10_000, "so long every append waits for a broker that is frozen"),
            new Most(
                    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                    1_000,
                    "so much longer mail waits behind a dead node's transaction that no survivor ends"),
            new Most("group.min.session.timeout.ms", 6_000, "with more no node can join its group"));

    private BrokerAdvice() {}

    /** The line for those who may not see the settings, or could not. */
    static String unknown(KafkaException notTold) {
        return "the brokers' settings are not known: "
                + (Refusal.in(notTold) == null
                        ? notTold.getMessage()
                        : "Kafka does not grant " + Right.describeBrokers().text());
    }

    /**
     * One line for each setting that some broker has too high.
     *
     * @param brokers each answers the value of a setting, or "" where it does not tell
     */
    static List<String> of(Collection<Function<String, String>> brokers) {
        List<String> lines = new ArrayList<>();
        for (Most most : ALL) {
            long found = brokers.stream()
                    .map(broker -> broker.apply(most.setting()))
                    .filter(value -> !value.isEmpty())
                    .mapToLong(Long::parseLong)
                    .max()
                    .orElse(0);
            if (found > most.millis()) {
                lines.add("the brokers have " + most.setting() + "=" + found + ", advised is at most " + most.millis()
                        + ": " + most.why());
            }
        }
        return lines;
    }
}
