package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A whole session: commands, content after DATA and in chunks of BDAT, whatever stands behind what. */
class SessionFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeAreAnsweredTheSameAndKeepTheSameMail(byte[] octets) {
        ServedSession whole = ServedSession.ordinary();
        List<String> heard = heard(whole, octets, Math.max(1, octets.length));
        ServedSession slow = ServedSession.ordinary();
        assertThat(heard(slow, octets, 1)).isEqualTo(heard);
        assertThat(slow.closed()).isEqualTo(whole.closed());
        assertThat(slow.contents()).isEqualTo(whole.contents());
        assertThat(whole.contents()).allMatch(text -> !text.replace("\r\n", "").matches("(?s).*[\r\n].*"));
        assertThat(heard).allMatch(line -> line.matches("[2-5][0-9]{2}[ -][ -~]*"));
        whole.channel.finishAndReleaseAll();
        slow.channel.finishAndReleaseAll();
    }

    private static List<String> heard(ServedSession session, byte[] octets, int piece) {
        List<String> heard = new ArrayList<>(session.heard());
        for (int from = 0; from < octets.length; from += piece) {
            heard.addAll(session.send(Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece))));
        }
        return heard;
    }
}
