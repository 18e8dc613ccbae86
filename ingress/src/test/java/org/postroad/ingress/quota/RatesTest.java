package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatesTest {
    private static final long SECOND = 1_000_000_000L;

    private final Rates rates = new Rates();

    @Test
    void givesATimesAmountAtOnceAndThenEvenly() {
        SenderLimit limit = limit("a", "60/m");
        for (long start : new long[] {Long.MAX_VALUE - SECOND, 7 * SECOND}) {
            Rates fresh = new Rates();
            for (int i = 0; i < 60; i++) {
                assertThat(fresh.take(List.of(limit), start)).isNull();
            }
            assertThat(fresh.take(List.of(limit), start)).isEqualTo(limit);
            assertThat(fresh.take(List.of(limit), start + SECOND)).isNull();
            assertThat(fresh.take(List.of(limit), start + SECOND)).isEqualTo(limit);
            assertThat(fresh.take(List.of(limit), start + 3 * SECOND)).isNull();
            assertThat(fresh.take(List.of(limit), start + 3 * SECOND)).isNull();
            assertThat(fresh.take(List.of(limit), start + 3 * SECOND)).isEqualTo(limit);
        }
    }

    @Test
    void takesOneOfEachOrNone() {
        SenderLimit user = limit("a", "2/m");
        SenderLimit tenant = limit("t", "1/m");
        assertThat(rates.take(List.of(user, tenant), 0)).isNull();
        assertThat(rates.take(List.of(user, tenant), 0)).isEqualTo(tenant);
        assertThat(rates.take(List.of(user), 0)).isNull();
        assertThat(rates.take(List.of(user), 0)).isEqualTo(user);
    }

    @Test
    void keepsNoMoreThanItMayAndMakesRoomOnceTheyAreFull() {
        for (int i = 0; i < Rates.MOST + 10; i++) {
            assertThat(rates.take(List.of(limit("n" + i, "1/m")), 5)).isNull();
        }
        assertThat(rates.kept()).isEqualTo(Rates.MOST);
        SenderLimit known = limit("n0", "1/m");
        assertThat(rates.take(List.of(known), 6)).isEqualTo(known);
        assertThat(rates.take(List.of(limit("late", "1/m")), 61 * SECOND)).isNull();
        assertThat(rates.kept()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10/", "/h", "0/h", "-1/h", "10/w", "1.5/h", "10 /h", "1000000000000000/h"})
    void anAmountIsANumberAndATime(String text) {
        assertThatThrownBy(() -> Amount.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAmountIsWrittenAsItIsRead() {
        for (String text : List.of("1/s", "100/m", "1000/h", "999999999999/d")) {
            assertThat(Amount.parse(text)).hasToString(text);
        }
        assertThat(Amount.parse("1/m").isRate()).isTrue();
        assertThat(Amount.parse("1/h").isRate()).isFalse();
    }

    private static SenderLimit limit(String name, String amount) {
        return new SenderLimit(Subject.USER, Counted.MAILS, name, Amount.parse(amount));
    }
}
