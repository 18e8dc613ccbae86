package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.HostAndPort;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Policy;

class PoliciesTest {
    private final IgnoredPolicies ignored = new IgnoredPolicies();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "connections | 0          | connections 0: wanted is a whole number, at least 1",
                "connections | 1.5        | connections 1.5: wanted is a whole number, at least 1",
                "connections | 9999999999 | connections 9999999999: wanted is a whole number, at least 1",
                "idle        | 5          | idle 5: wanted is a duration such as 30s, 5m, 4h or 5d",
                "connections | -1         | connections -1: wanted is a whole number, at least 1",
                "connections | ''         | connections : wanted is a whole number, at least 1",
                "connections | ten        | connections ten: wanted is a whole number, at least 1",
                "idle        | 999999999d | idle 999999999d: wanted is a duration of at most 36500d",
                "to          | ''         | to : wanted is an exchanger such as mx.example.org, 127.0.0.1:2526 or [::1]:2526",
                "to          | a..b       | to a..b: wanted is an exchanger such as mx.example.org, 127.0.0.1:2526 or [::1]:2526"
            })
    void saysWhatIsWrong(String name, String value, String why) {
        Policies policies = new Policies(List.of(policy("x", Map.of(name, value))));
        assertThat(policies.read(Aspect.LIMIT, PoliciesTest::form, ignored)).isEmpty();
        assertThat(ignored.say("limit:x", why)).as("said already").isFalse();
    }

    @Test
    void readsTheFormsOfTheFile() {
        Map<String, String> settings = Map.of("connections", "3", "idle", "1m", "to", "mx.a.test, 192.0.2.1:26");
        assertThat(new Policies(List.of(policy("x", settings))).read(Aspect.LIMIT, PoliciesTest::form, ignored))
                .containsExactly("3 PT1M [mx.a.test, 192.0.2.1:26]");
        assertThat(new Policies(List.of(policy("x", settings))).read(Aspect.ROUTE, PoliciesTest::form, ignored))
                .isEmpty();
    }

    @Test
    void aPolicyIsItsRecord() {
        StandingPolicy policy = new StandingPolicy(
                Aspect.ROLL_UP, "a.test", Map.of("destination", "a"), "because", "me", 1_000, 61_000);
        Policy record = policy.toRecord();
        assertThat(record.getAspect()).isEqualTo("roll-up");
        assertThat(record.getSettings()).containsEntry("until", "1970-01-01T00:01:01Z");
        assertThat(StandingPolicy.of(Aspect.ROLL_UP, record)).isEqualTo(policy);
        assertThat(policy.key()).isEqualTo("roll-up:a.test");
        for (Aspect aspect : Aspect.values()) {
            assertThat(Aspect.of(aspect.word())).isEqualTo(aspect);
        }
        assertThat(Arrays.asList(Aspect.of("schema"), Aspect.of("LIMIT"))).containsOnlyNulls();
    }

    private static String form(PolicySettings settings) {
        Duration idle = settings.duration("idle");
        return settings.count("connections") + " " + idle + " " + settings.list("to", HostAndPort::parse);
    }

    private static StandingPolicy policy(String subject, Map<String, String> settings) {
        return new StandingPolicy(Aspect.LIMIT, subject, settings, "", "", 0, Long.MAX_VALUE);
    }
}
