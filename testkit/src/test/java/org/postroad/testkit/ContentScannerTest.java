package org.postroad.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentScannerTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\".|\", \"\"",
                "\"text|.|\", \"text|\"",
                "\"..|.|\", \".|\"",
                "\"...|.|\", \"..|\"",
                "\".hidden|.|\", \"hidden|\"",
                "\"a<.<|.|\", \"a<.<|\"",
                "\".<x|.|\", \"<x|\"",
                "\".<<>|.|\", \"<<>|\"",
                "\"a>.>b|.|\", \"a>.>b|\""
            })
    void takesOutStuffedDotsHoweverTheContentIsCut(String stuffed, String content) {
        String sent = wire(stuffed);
        for (int cut = 0; cut <= sent.length(); cut++) {
            assertThat(scanned(sent, cut)).as("cut at %d", cut).isEqualTo(wire(content));
        }
    }

    @Test
    void leavesWhatFollowsTheEnd() {
        ByteBuf in = buffer("a\r\n.\r\nQUIT\r\n");
        assertThat(new ContentScanner().scan(in, null)).isTrue();
        assertThat(in.toString(StandardCharsets.ISO_8859_1)).isEqualTo("QUIT\r\n");
    }

    @Test
    void countsAnyStuffedContentAsItWas() {
        long seed = 20_260_301L;
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder content = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                content.append(new String[] {".", "\r\n", "\r", "\n", "a"}[random.nextInt(5)]);
            }
            content.append("\r\n");
            String stuffed = ("\r\n" + content).replace("\r\n.", "\r\n..").substring(2) + ".\r\n";
            assertThat(scanned(stuffed, random.nextInt(stuffed.length() + 1)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(content.toString());
        }
    }

    private static String scanned(String sent, int cut) {
        ContentScanner scanner = new ContentScanner();
        ByteBuf kept = Unpooled.buffer();
        boolean early = scanner.scan(buffer(sent.substring(0, cut)), kept);
        assertThat(early).isEqualTo(cut == sent.length());
        if (!early) {
            assertThat(scanner.scan(buffer(sent.substring(cut)), kept)).isTrue();
        }
        assertThat(scanner.octets()).isEqualTo(kept.readableBytes());
        return kept.toString(StandardCharsets.ISO_8859_1);
    }

    private static String wire(String shorthand) {
        return shorthand.replace("|", "\r\n").replace('<', '\r').replace('>', '\n');
    }

    private static ByteBuf buffer(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
