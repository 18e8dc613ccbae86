package org.postroad.deliverer.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

/** Policies about limits: each a line with its subject and then its settings, {@code name=value}, with blanks between them. */
class LimitsFuzzTest {
    private static final List<Limit> FILE =
            List.of(new Limit("own.test", 3, 20, Duration.ofSeconds(2)), new Limit("*", 7, 100, Duration.ofSeconds(9)));

    @FuzzTest(maxDuration = "2m")
    void everyLimitCanBeKeptAndDiffersFromTheFileOnlyWhereAPolicySaysSo(byte[] octets) {
        List<StandingPolicy> policies = policies(new String(octets, UTF_8));
        IgnoredPolicies ignored = IgnoredPolicies.untold();
        Limits limits = new Limits(FILE, new Policies(policies), ignored);
        Limits file = new Limits(FILE);
        List<String> destinations = new ArrayList<>(List.of("own.test", "other.test"));
        policies.forEach(policy -> destinations.add(policy.subject()));
        for (String destination : destinations) {
            Limit limit = limits.of(destination);
            Map<String, StandingPolicy> decided = limits.decided(destination);
            differs(file.of(destination), limit, decided);
            decided.forEach((name, policy) -> {
                assertThat(policy.settings()).containsKey(name);
                assertThat(policy.subject()).isIn(destination, "*");
                assertThat(ignored.why(policy.key())).isNull();
            });
        }
        assertThat(new Limits(FILE, new Policies(policies), IgnoredPolicies.untold()))
                .isEqualTo(limits);
    }

    private static void differs(Limit file, Limit limit, Map<String, StandingPolicy> decided) {
        assertThat(limit.connections()).isPositive();
        assertThat(limit.messagesPerConnection()).isPositive();
        assertThat(limit.idle()).isBetween(Duration.ZERO, Duration.ofDays(36_500));
        assertThat(limit.connections() == file.connections() || decided.containsKey("connections"))
                .isTrue();
        assertThat(limit.messagesPerConnection() == file.messagesPerConnection()
                        || decided.containsKey("messages-per-connection"))
                .isTrue();
        assertThat(limit.idle().equals(file.idle()) || decided.containsKey("idle"))
                .isTrue();
    }

    /** The last one of a subject stands, as on the topic. */
    private static List<StandingPolicy> policies(String text) {
        Map<String, StandingPolicy> bySubject = new TreeMap<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            Map<String, String> settings = new TreeMap<>();
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                settings.put(equals < 0 ? words[i] : words[i].substring(0, equals), words[i].substring(equals + 1));
            }
            bySubject.put(
                    words[0], new StandingPolicy(Aspect.LIMIT, words[0], settings, "why", "who", 0L, Long.MAX_VALUE));
        }
        return List.copyOf(bySubject.values());
    }
}
