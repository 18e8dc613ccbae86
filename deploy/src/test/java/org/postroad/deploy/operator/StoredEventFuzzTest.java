package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Records of the events topic, and the sums of them on the control topic. */
class StoredEventFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void bothReadersSeeTheSameAndSumsAreReadAgain(byte[] octets) {
        StoredEvent event = StoredEvent.parse(octets);
        StoredEvent.Fate fate = StoredEvent.fate(octets);
        if (event != null) {
            assertThat(event.instant()).isNotNull();
            if (event.json().get("event").isTextual()) {
                assertThat(fate).isNotNull();
                assertThat(fate.kind()).isEqualTo(event.kind());
                // A name that stands in it twice is counted twice, and read once.
                boolean once = new String(octets, UTF_8).split("recipients", -1).length == 2;
                assertThat(!once
                                || fate.recipients()
                                        == event.json().path("recipients").size()
                                || !event.json().path("recipients").isArray())
                        .isTrue();
            }
        }
        EventSum sum = EventSum.parse(new String(octets, UTF_8));
        if (sum != null) {
            EventSum again = EventSum.parse(sum.text());
            assertThat(again).isNotNull();
            assertThat(again.text()).isEqualTo(sum.text());
        }
    }
}
