package org.postroad.deploy.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deploy.settings.ListForm;
import org.postroad.deploy.settings.Section;

/** When mail is tried again. */
final class RetryKeys {
    /** Whole seconds, since a tier's topic is named by them. */
    private static final ListForm<Duration> DELAYS = Forms.DURATION
            .where(delay -> delay.toMillis() >= 1_000 && delay.toMillis() % 1_000 == 0, "whole seconds, at least 1s")
            .list()
            .notEmpty("at least one delay is needed");

    private RetryKeys() {}

    static RetryConfig read(Section retry) {
        return new RetryConfig(
                retry.key(
                        "tiers",
                        DELAYS.where(RetryKeys::differ, "a list of different delays"),
                        "[30s, 1m, 5m, 15m, 1h, 4h]",
                        "the delays that have a topic"),
                retry.key(
                        "schedule",
                        DELAYS,
                        "[5m, 15m, 30m, 1h, 2h, 4h]",
                        "the wait after each attempt; the last is repeated. Before it, a first attempt that was greylisted (450 or 451 with"
                                + " 4.7.1, or words that say so) waits a minute, if that is less"),
                retry.key(
                        "lifetime",
                        Forms.DURATION.where(lifetime -> !lifetime.isZero(), "longer than nothing"),
                        "5d",
                        "of mail, from its acceptance; bounces live 1 d"));
    }

    private static boolean differ(List<Duration> tiers) {
        return new HashSet<>(tiers).size() == tiers.size();
    }
}
