package org.postroad.deploy.config;

import java.time.Duration;
import java.util.List;
import org.postroad.deliverer.work.RetryConfig;

/** What retry.* may say. */
final class RetryRules {
    private RetryRules() {}

    static RetryConfig of(Settings.Retry retry) {
        each("retry.tiers", retry.tiers());
        each("retry.schedule", retry.schedule());
        if (retry.tiers().stream().distinct().count() < retry.tiers().size()) {
            throw ConfigurationException.of("retry.tiers", texts(retry.tiers()), "a list of different delays");
        }
        if (retry.lifetime().isZero()) {
            throw ConfigurationException.of("retry.lifetime", "0s", "longer than nothing");
        }
        return new RetryConfig(retry.tiers(), retry.schedule(), retry.lifetime());
    }

    /** Whole seconds, since a tier's topic is named by them. */
    private static void each(String key, List<Duration> durations) {
        if (durations.isEmpty()) {
            throw new ConfigurationException(key + ": empty; at least one delay is needed");
        }
        for (Duration duration : durations) {
            if (duration.toMillis() < 1_000 || duration.toMillis() % 1_000 != 0) {
                throw ConfigurationException.of(key, Durations.text(duration), "whole seconds, at least 1s");
            }
        }
    }

    static List<String> texts(List<Duration> durations) {
        return durations.stream().map(Durations::text).toList();
    }
}
