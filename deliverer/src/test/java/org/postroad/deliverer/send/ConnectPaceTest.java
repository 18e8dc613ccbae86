package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reply;

class ConnectPaceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Breakdown REFUSED = Breakdown.of(Breakdown.Kind.UNREACHABLE, Step.CONNECT, "refused");

    private final ConnectPace pace = new ConnectPace();

    @Test
    void afterThreeInARowTheNextWaitsTwiceAsLongEachTime() {
        long now = 0;
        for (int i = 0; i < ConnectPace.FRUITLESS_RUN; i++) {
            assertThat(pace.mayConnect(0, now)).isTrue();
            pace.connecting(now);
            pace.fruitless(REFUSED, now);
        }
        for (long seconds : new long[] {1, 2, 4, 8, 15, 15, 15}) {
            assertThat(pace.mayConnect(0, now + seconds * SECOND - 1)).isFalse();
            assertThat(pace.waitsFor(now + seconds * SECOND - 1)).isEqualTo(REFUSED);
            now += seconds * SECOND;
            assertThat(pace.mayConnect(0, now)).isTrue();
            assertThat(pace.waitsFor(now)).isNull();
            pace.connecting(now);
            assertThat(pace.mayConnect(1, now)).as("one at a time").isFalse();
            pace.fruitless(REFUSED, now);
        }
    }

    @Test
    void aMinuteOfNothingButFailuresIsAboutTenConnections() {
        int connections = 0;
        for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
            while (pace.mayConnect(0, now)) {
                pace.connecting(now);
                pace.fruitless(REFUSED, now);
                connections++;
            }
        }
        assertThat(connections).isBetween(5, 12);
    }

    @Test
    void whatFailsTogetherCountsOnce() {
        for (int i = 0; i < 100; i++) {
            pace.fruitless(REFUSED, 0);
        }
        assertThat(pace.mayConnect(0, ConnectPace.FIRST_WAIT_NANOS)).isTrue();
    }

    @Test
    void mailThatIsTakenEndsIt() {
        for (int i = 0; i < 50; i++) {
            pace.connecting(0);
            pace.fruitless(REFUSED, 0);
        }
        pace.worked();
        assertThat(pace.mayConnect(9, 0)).isTrue();
        assertThat(pace.waitsFor(0)).isNull();
        assertThat(pace.isForgettable(0)).isTrue();
    }

    @Test
    void anExchangerThatIsFullIsNotAskedForMoreThanItServesForAWhile() {
        pace.full(3, 0);
        assertThat(pace.mayConnect(2, 1)).isTrue();
        assertThat(pace.mayConnect(3, 1)).isFalse();
        assertThat(pace.isForgettable(1)).isFalse();
        assertThat(pace.mayConnect(3, ConnectPace.CEILING_NANOS)).isTrue();
    }

    @Test
    void theWordsAreKeptAsLongAsAnOutcomeCanSayThem() {
        Reply endless = new Reply(421, null, List.of("busy ".repeat(3_000), "later"));
        for (int i = 0; i < ConnectPace.FRUITLESS_RUN; i++) {
            pace.fruitless(Breakdown.refused(Step.BANNER, endless), 0);
        }
        Breakdown kept = Objects.requireNonNull(pace.waitsFor(1));
        Reply said = Objects.requireNonNull(kept.reply());
        assertThat(said.code()).isEqualTo(421);
        assertThat(said.text()).startsWith("busy busy").hasSize(Caps.REPLY_TEXT_OCTETS);
        assertThat(kept.detail()).hasSizeLessThanOrEqualTo(Caps.REPLY_TEXT_OCTETS);
    }

    @Test
    void whatWeEndedOurselvesOrWhatOnlyTlsLacksSaysNothingOfTheAddress() {
        for (Breakdown.Kind kind : Breakdown.Kind.values()) {
            boolean theirs =
                    switch (kind) {
                        case UNREACHABLE, REFUSED, LOST, TIMEOUT, GARBAGE -> true;
                        case NO_TLS, CONTENT_GONE, CONTENT_UNREADABLE, WITHHELD, FAULT -> false;
                    };
            assertThat(ConnectPace.isTheirs(Breakdown.of(kind, Step.MAIL, ""))).isEqualTo(theirs);
        }
    }
}
