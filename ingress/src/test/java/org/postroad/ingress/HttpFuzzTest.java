package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A whole connection of HTTP: heads with their query and Idempotency-Key, bodies of known length and in chunks. */
class HttpFuzzTest {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 [1-5][0-9]{2} [ -~]*\r\n");

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeAreAnsweredTheSameAndKeepTheSameMail(byte[] octets) {
        Served whole = new Served(octets, Math.max(1, octets.length));
        Served slow = new Served(octets, 1);
        assertThat(slow.heard).isEqualTo(whole.heard);
        assertThat(slow.kept).isEqualTo(whole.kept);
        assertThat(whole.heard.isEmpty() || STATUS.matcher(whole.heard).lookingAt())
                .isTrue();
        // Nobody is told that mail is kept which is not.
        assertThat(whole.heard.split("HTTP/1.1 202 ", -1)).hasSizeLessThanOrEqualTo(whole.kept.size() + 1);
    }

    private static final class Served extends ServedHttp {
        private final String heard;
        private final List<String> kept;

        private Served(byte[] octets, int piece) {
            StringBuilder all = new StringBuilder(heard());
            for (int from = 0; from < octets.length && channel.isOpen(); from += piece) {
                byte[] next = Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece));
                channel.writeInbound(Unpooled.wrappedBuffer(next));
                keepAll();
                all.append(heard());
            }
            for (int i = 0;
                    i < 60 && budget.held() + memory.held() > 0;
                    i++) { // for a claim of a key, or the rest of a body
                all.append(wait(10));
                keepAll();
            }
            // Who has the body already is not told to go on.
            heard = all.toString().replace("HTTP/1.1 100 Continue\r\n\r\n", "").replace("content-length: 0\r\n", "");
            kept = kafka.history().stream()
                    .filter(record -> record.topic().equals("inbound"))
                    .map(record -> Arrays.toString(record.value()))
                    .toList();
            nothingIsHeld();
        }
    }
}
