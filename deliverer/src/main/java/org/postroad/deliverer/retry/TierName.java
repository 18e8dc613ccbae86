package org.postroad.deliverer.retry;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Topics;

/** The delay in a tier's topic name, so that the topic of a tier that is no longer configured still drains. */
final class TierName {
    private static final Pattern DELAY = Pattern.compile("([0-9]{1,8})([smhd])");

    private TierName() {}

    /** Every tier there is, and held mail, whose offsets would expire if its group did not subscribe to it. */
    static Pattern every(Topics topics) {
        String tiers = Pattern.quote(topics.retryPrefix()) + DELAY.pattern();
        return Pattern.compile(tiers + "|" + Pattern.quote(topics.held().name()));
    }

    /** The delay; null for a topic that is no tier. */
    static @Nullable Duration delay(Topics topics, TopicPartition partition) {
        String name = partition.topic();
        if (!name.startsWith(topics.retryPrefix())) {
            return null;
        }
        Matcher delay = DELAY.matcher(name.substring(topics.retryPrefix().length()));
        if (!delay.matches()) {
            return null;
        }
        long count = Long.parseLong(delay.group(1));
        return switch (delay.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
