package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FutureReleaseTest {
    private static Envelope with(Map<String, String> meta) {
        return Samples.envelope(
                List.of(new Recipient("b@b.test", List.of(), null, 0, 0, null)), meta, "", Samples.octets(1), "x");
    }

    /** A reply lost at the first attempt costs half an hour, however long the mail had to wait before. */
    @Test
    void mailForLaterIsAsOldAsItsRelease() {
        long accepted = with(Map.of()).getReceived().getAt();
        assertThat(FutureRelease.sinceMillis(with(Map.of()))).isEqualTo(accepted);
        assertThat(FutureRelease.sinceMillis(with(FutureRelease.meta(0)))).isEqualTo(accepted);
        assertThat(FutureRelease.sinceMillis(with(FutureRelease.meta(accepted + 604_800_000))))
                .isEqualTo(accepted + 604_800_000);
        assertThat(FutureRelease.sinceMillis(with(FutureRelease.meta(1)))).isEqualTo(accepted);
        assertThat(FutureRelease.sinceMillis(with(Map.of("released", "soon")))).isEqualTo(accepted);
    }
}
