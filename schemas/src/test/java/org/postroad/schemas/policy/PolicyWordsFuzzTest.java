package org.postroad.schemas.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postroad.schemas.Policy;

/** What a policy says, a {@code name=value} a line: a selector, or the settings of a policy. */
class PolicyWordsFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsUnderstoodSaysTheSameWrittenAgain(byte[] octets) {
        Map<String, String> words = words(octets);
        try {
            Selector selector = Selector.of(words);
            assertThat(Selector.of(selector.words())).isEqualTo(selector);
            assertThat(Selector.parse(selector.text())).isEqualTo(selector);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
        for (Aspect aspect : Aspect.values()) {
            settings(aspect, new Policy(aspect.word(), "subject", words, "why", "who", 0L));
        }
    }

    static Map<String, String> words(byte[] octets) {
        Map<String, String> words = new TreeMap<>();
        for (String line : new String(octets, UTF_8).split("\n", -1)) {
            int equals = line.indexOf('=');
            words.put(equals < 0 ? line : line.substring(0, equals), line.substring(equals + 1));
        }
        return words;
    }

    private static void settings(Aspect aspect, Policy record) {
        try {
            StandingPolicy policy = StandingPolicy.of(aspect, record);
            assertThat(StandingPolicy.of(aspect, policy.toRecord())).isEqualTo(policy);
            PolicySettings settings = new PolicySettings(policy);
            for (String name : policy.settings().keySet()) {
                read(settings, name);
            }
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static void read(PolicySettings settings, String name) {
        Integer count = settings.count(name);
        assertThat(count).isNotNull().isPositive();
        assertThat(settings.list(name, Integer::valueOf)).isEqualTo(List.of(count));
    }
}
