package org.postroad.deliverer.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

class LimitsTest {
    private static final List<Limit> FILE = List.of(
            new Limit("own.test", 20, 200, Duration.ofSeconds(2)), new Limit("*", 4, 40, Duration.ofSeconds(4)));

    /** Connections, messages, seconds idle, and which policy decided what. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // of every destination    | of one                   | whose    | what holds | who decided
                "-                         | -                        | own.test | 20 200 2   | {}",
                "-                         | -                        | any.test | 4 40 4     | {}",
                "connections=1             | -                        | any.test | 1 40 4     | {connections=limit:*}",
                "connections=1             | -                        | own.test | 20 200 2   | {}",
                "-                         | connections=1            | own.test | 1 200 2    | {connections=limit:own.test}",
                "-                         | connections=1            | any.test | 4 40 4     | {}",
                "connections=1,idle=1m     | connections=2            | own.test | 2 200 2    | {connections=limit:own.test}",
                "-                         | idle=0s                  | own.test | 20 200 0   | {idle=limit:own.test}",
                "-                         | messages-per-connection=1 | own.test | 20 1 2 | {messages-per-connection=limit:own.test}",
                "-                         | connections=0            | own.test | 20 200 2   | {}",
                "-                         | connections=1,idle=-1s   | own.test | 20 200 2   | {}",
                "-                         | connections=1,messages-per-connection= | own.test | 20 200 2 | {}",
                "-                         | connections=999999999    | own.test | 999999999 200 2 | {connections=limit:own.test}",
                "-                         | connections=1,rate=9     | own.test | 1 200 2    | {connections=limit:own.test}",
            })
    void theFileDecidesWhatNoPolicySets(
            @Nullable String every, @Nullable String own, String destination, String holds, String decided) {
        List<StandingPolicy> policies = new ArrayList<>();
        if (every != null) {
            policies.add(policy("*", every));
        }
        if (own != null) {
            policies.add(policy("own.test", own));
        }
        Limits limits = new Limits(FILE, new Policies(policies), new IgnoredPolicies());
        assertThat(text(limits.of(destination))).isEqualTo(holds);
        Map<String, String> keys = new TreeMap<>();
        limits.decided(destination).forEach((setting, policy) -> keys.put(setting, policy.key()));
        assertThat(keys).hasToString(decided);
    }

    @Test
    void aPolicyAboutOneGoesOverThatAboutEvery() {
        Policies policies =
                new Policies(List.of(policy("one.test", "connections=2"), policy("*", "connections=1,idle=1s")));
        Limits limits = new Limits(FILE, policies, new IgnoredPolicies());
        assertThat(text(limits.of("one.test"))).isEqualTo("2 40 1");
        assertThat(text(new Limits(List.of(), policies, new IgnoredPolicies()).of("two.test")))
                .isEqualTo("1 50 1");
    }

    @Test
    void areEqualWhenTheySayTheSame() {
        Policies policies = new Policies(List.of(policy("one.test", "connections=2")));
        assertThat(new Limits(FILE, policies, new IgnoredPolicies()))
                .isEqualTo(new Limits(FILE, policies, new IgnoredPolicies()))
                .hasSameHashCodeAs(new Limits(FILE, policies, new IgnoredPolicies()))
                .isNotEqualTo(new Limits(FILE, Policies.NONE, new IgnoredPolicies()));
    }

    private static String text(Limit limit) {
        return limit.connections() + " " + limit.messagesPerConnection() + " "
                + limit.idle().toSeconds();
    }

    private static StandingPolicy policy(String destination, String settings) {
        Map<String, String> all = new TreeMap<>();
        for (String setting : settings.split(",")) {
            all.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return new StandingPolicy(Aspect.LIMIT, destination, all, "", "", 0, Long.MAX_VALUE);
    }
}
