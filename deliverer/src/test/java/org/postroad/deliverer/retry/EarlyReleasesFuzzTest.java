package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What the committed mark of waiting mail has as its metadata, which any member of the group may have written. */
class EarlyReleasesFuzzTest {
    private static final long MARK = 1_000;

    @FuzzTest(maxDuration = "2m")
    void whatIsReadIsReadTheSameFromWhatIsWritten(byte[] octets) {
        String text = new String(octets, UTF_8);
        isReadAgain(text);
        isReadAgain(EarlyReleases.head(MARK) + " " + text);
    }

    private static void isReadAgain(String metadata) {
        EarlyReleases read = EarlyReleases.of(MARK, metadata);
        String written = read.metadata(MARK);
        EarlyReleases again = EarlyReleases.of(MARK, written);
        assertThat(again.metadata(MARK)).isEqualTo(written);
        assertThat(written).matches("[!-~]*( [!-~]+)*");
        JobShares shares = JobShares.of(MARK, metadata, id -> null);
        assertThat(JobShares.of(MARK, EarlyReleases.head(MARK) + shares.words(), id -> null)
                        .shares())
                .isEqualTo(shares.shares());
        // Who cannot tell what has left says so, and takes nothing for left.
        boolean mayHaveLeft = shares.shares().values().stream().anyMatch(share -> share.below() > MARK);
        assertThat(shares.unknown(MARK).isEmpty() && mayHaveLeft).isFalse();
        for (EarlyReleases each : new EarlyReleases[] {read, again}) {
            assertThat(each.isReleased("nobody".getBytes(UTF_8), MARK)).isEqualTo(written.contains(" nobody@"));
        }
    }
}
