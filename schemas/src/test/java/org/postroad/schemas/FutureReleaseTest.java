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

    @Test
    void aTimeOfOursTakesTheWordAwayAndNoOther() {
        Envelope later = with(FutureRelease.meta(7));
        later.put("notBefore", 7L);
        later.put("requires", List.of("future-release", "another"));
        List<Recipient> all = later.getRecipients();
        assertThat(Envelopes.withRecipients(later, all)).isEqualTo(later);
        assertThat(Envelopes.waiting(later, all, 8).getRequires()).containsExactly("another");
        later.put("requires", FutureRelease.required());
        assertThat(Envelopes.waiting(later, all, 8).getRequires()).isNull();
        assertThat(Envelopes.rerouted(later, all).getRequires()).isNull();
        assertThat(Envelopes.replay(later, 9).getRequires()).isNull();
    }
}
