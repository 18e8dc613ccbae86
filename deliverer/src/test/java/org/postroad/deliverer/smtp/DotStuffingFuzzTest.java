package org.postroad.deliverer.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.postroad.deliverer.content.ContentChunk;

/** Content as another producer may have written it, on its way to an exchanger. */
class DotStuffingFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void itsPiecesDoNotMatterAndTheFinalDotIsTheOnlyOne(byte[] octets) {
        String sent = sent(octets, Math.max(1, octets.length));
        assertThat(sent(octets, 1)).isEqualTo(sent);
        assertThat(sent(octets, 6)).isEqualTo(sent);
        assertThat("\r\n" + sent).doesNotContain("\r\n.\r\n");
        assertThat(sent.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
        String received = ("\r\n" + sent).replace("\r\n..", "\r\n.").substring(2);
        String lines = new String(octets, ISO_8859_1).replaceAll("\r(?!\n)|(?<!\r)\n", " ");
        assertThat(received).isEqualTo(lines.isEmpty() || lines.endsWith("\r\n") ? lines : lines + "\r\n");
    }

    private static String sent(byte[] octets, int piece) {
        DotStuffing stuffing = new DotStuffing();
        ByteBuf out = Unpooled.buffer();
        for (int from = 0; from < octets.length; from += piece) {
            byte[] in = Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece));
            if (!ContentChunk.of(in).plain() || !stuffing.passPlain(in, 0, in.length, out)) {
                stuffing.stuff(in, 0, in.length, out);
            }
        }
        stuffing.finish(out);
        return out.toString(ISO_8859_1);
    }
}
