package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Policy;

class ControlStateTest {
    private final ControlState state = new ControlState();

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:01Z, 999, true",
        "1970-01-01T00:00:01Z, 1000, false",
        "1969-12-31T23:59:59Z, 0, false",
        "+292278993-01-01T00:00:00Z, 1000, true",
        ", 9223372036854775806, true"
    })
    void aPolicyEndsAtItsInstantAndNotWithIt(@Nullable String until, long nowMillis, boolean inForce) {
        state.put("limit:x", policy(until));
        assertThat(state.inForce(nowMillis).all()).hasSize(inForce ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "+999999999-12-31T23:59:59Z",
        "-999999999-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01",
        "''",
        "5m"
    })
    void whatIsNoInstantOfMillisecondsIsSaid(String until) {
        assertThatThrownBy(() -> policy(until))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("until " + until + ": wanted is an instant");
    }

    @Test
    void aClockThatIsSetBackEndsNothingForGood() {
        state.put("limit:x", policy("1970-01-01T00:00:01Z"));
        Policies before = state.inForce(500);
        assertThat(before.all()).hasSize(1);
        assertThat(state.inForce(600))
                .as("the same for as long as it is the same")
                .isSameAs(before);
        assertThat(state.inForce(5_000).all()).isEmpty();
        assertThat(state.inForce(700)).isEqualTo(before);
        assertThat(state.inForce(1_000).all()).isEmpty();
    }

    @Test
    void whatIsTakenBackIsOverForEveryClockAndSaysWhoDidIt() {
        StandingPolicy set = policy(null);
        StandingPolicy back = set.takenBack("they mended it", "me", 7);
        state.put("limit:x", StandingPolicy.of(Aspect.LIMIT, back.toRecord()));
        assertThat(state.inForce(0).all()).isEmpty();
        StandingPolicy latest = state.latest("limit:x");
        assertThat(latest).isEqualTo(back);
        assertThat(back.isTakenBack()).isTrue();
        assertThat(set.isTakenBack()).isFalse();
        assertThat(back.toRecord().getSettings()).containsEntry("until", "1970-01-01T00:00:00Z");
    }

    private static StandingPolicy policy(@Nullable String until) {
        Map<String, String> settings = until == null ? Map.of() : Map.of("until", until);
        return StandingPolicy.of(Aspect.LIMIT, new Policy("limit", "x", settings, "", "", 0L));
    }
}
