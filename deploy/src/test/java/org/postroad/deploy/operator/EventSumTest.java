package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Event;

class EventSumTest {
    @Test
    void addsUpRecipientsByWhatHappenedToThem() {
        EventSum sum = new EventSum();
        sum.add(new StoredEvent.Fate("accepted", 3));
        sum.add(new StoredEvent.Fate("accepted", 2));
        sum.add(new StoredEvent.Fate("rejected", 1));
        sum.add(new StoredEvent.Fate("rejected", 0));
        sum.add(new StoredEvent.Fate("somebody else's", 9));
        sum.reached(17);
        assertThat(sum.of(Event.Kind.ACCEPTED)).isEqualTo(5);
        assertThat(sum.of(Event.Kind.REJECTED)).isEqualTo(1);
        assertThat(sum.unreadable()).isEqualTo(1);
        assertThat(sum.text()).isEqualTo("17 accepted=5 rejected=1 unreadable=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "17 accepted=5 rejected=1 unreadable=1",
                "9223372036854775807 delivered=4711 gaps=2",
                "5 accepted=1"
            })
    void isReadAsItWasWritten(String text) {
        assertThat(Objects.requireNonNull(EventSum.parse(text)).text()).isEqualTo(text);
    }

    @Test
    void whatANewerNodeCountsIsKept() {
        EventSum sum = Objects.requireNonNull(EventSum.parse("17 accepted=5 recalled=1"));
        sum.add(new StoredEvent.Fate("accepted", 3));
        assertThat(sum.text()).isEqualTo("17 accepted=8 recalled=1");
    }

    @Test
    void kindsThatOnlyNewerNodesKnowAreCountedForTheNextToCountAndNotWithoutBound() {
        EventSum sum = Objects.requireNonNull(EventSum.parse("17 accepted=5 recalled=1 gaps=1"));
        sum.add(new StoredEvent.Fate("recalled", 2));
        sum.add(new StoredEvent.Fate("gaps", 9));
        sum.add(new StoredEvent.Fate("unreadable", 9));
        assertThat(sum.newer()).isEqualTo(Map.of("recalled", 3L));
        assertThat(sum.text()).isEqualTo("17 accepted=5 gaps=1 recalled=3");
        for (char c = 'a'; c <= 'z'; c++) {
            sum.add(new StoredEvent.Fate("others" + c, 1));
        }
        assertThat(sum.newer()).hasSize(16);
        sum.add(new StoredEvent.Fate("recalled", 2));
        assertThat(sum.newer()).containsEntry("recalled", 5L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "17 accepted", "17 accepted=", "17 =x", "17  "})
    void whatIsNoneIsNone(String text) {
        assertThat(EventSum.parse(text)).isNull();
    }

    @Test
    void theOneThatCountedFurtherIsAhead() {
        EventSum ten = Objects.requireNonNull(EventSum.parse("10"));
        EventSum twenty = Objects.requireNonNull(EventSum.parse("20"));
        EventSum madeAnew = Objects.requireNonNull(EventSum.parse("5 gaps=1"));
        assertThat(twenty.isAheadOf(ten)).isTrue();
        assertThat(ten.isAheadOf(twenty)).isFalse();
        assertThat(ten.isAheadOf(ten)).isFalse();
        assertThat(ten.isAheadOf(null)).isTrue();
        assertThat(madeAnew.isAheadOf(twenty)).isTrue();
        assertThat(twenty.isAheadOf(madeAnew)).isFalse();
    }
}
