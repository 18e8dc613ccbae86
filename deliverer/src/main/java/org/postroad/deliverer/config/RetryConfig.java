package org.postroad.deliverer.config;

import java.time.Duration;
import java.util.List;

/**
 * When mail is tried again.
 *
 * @param tiers the delays that have a topic, ascending
 * @param schedule the wait after each attempt, the last repeated
 * @param lifetime of a message from its acceptance; bounces carry their own expiry
 */
public record RetryConfig(List<Duration> tiers, List<Duration> schedule, Duration lifetime) {
    public static final RetryConfig DEFAULT = new RetryConfig(
            List.of(
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(4)),
            List.of(
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(30),
                    Duration.ofHours(1),
                    Duration.ofHours(2),
                    Duration.ofHours(4)),
            Duration.ofDays(5));

    public RetryConfig {
        tiers = tiers.stream().sorted().toList();
        schedule = List.copyOf(schedule);
    }
}
