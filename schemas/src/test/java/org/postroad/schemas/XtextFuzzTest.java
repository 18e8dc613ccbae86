package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Collectors;

class XtextFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsDecodedIsPrintableAndEveryWayToWriteItMeansTheSame(byte[] octets) {
        String decoded = Xtext.decode(new String(octets, ISO_8859_1));
        if (decoded != null) {
            assertThat(decoded.chars()).allMatch(c -> c >= ' ' && c < 0x7F);
            String longest =
                    decoded.chars().mapToObj(c -> String.format("+%02X", c)).collect(Collectors.joining());
            assertThat(Xtext.decode(longest)).isEqualTo(decoded);
            assertThat(Xtext.decodeUtf8(longest)).isEqualTo(decoded);
        }
    }
}
