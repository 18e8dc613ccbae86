package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.content.ContentChunk;

class DotStuffingTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "''|''",
                ".|..~",
                "..~|...~",
                "a~.b~|a~..b~",
                "a~.~.~|a~..~..~",
                "a|a~",
                "~.~|~..~",
                "a.b~|a.b~",
                "a<.<b~|a . b~",
                "a>.>b~|a . b~",
                "a~.>b~|a~.. b~",
                "a>|a ~",
                "a<|a ~",
                "a>~.<~|a ~.. ~",
                "a><.~|a~..~"
            })
    void stuffsLines(String content, String expected) {
        assertThat(stuff(octets(content), content.length() + 2)).isEqualTo(text(expected));
    }

    @Test
    void everySplitMakesTheSameOctets() {
        byte[] content = octets(".a~..b~c<d>.e>~.~~.<.~>><<.f~.");
        String whole = stuff(content, content.length);
        for (int piece = 1; piece < content.length; piece++) {
            assertThat(stuff(content, piece)).as("pieces of %d", piece).isEqualTo(whole);
        }
    }

    @Test
    void contentOfWholeLinesComesBackFromAnySplit() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder lines = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                lines.append(".".repeat(random.nextInt(3)))
                        .append("x\u00ff".repeat(random.nextInt(3)))
                        .append("\r\n");
            }
            byte[] content = lines.toString().getBytes(StandardCharsets.ISO_8859_1);
            String stuffed = stuff(content, 1 + random.nextInt(8));
            assertThat(unstuffed(stuffed)).as("seed %d", seed).isEqualTo(lines.toString());
        }
    }

    @Test
    void nothingThatLeavesHoldsALoneCrOrLfOrALoneDot() {
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            byte[] content = new byte[random.nextInt(12)];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) "\r\n.a".charAt(random.nextInt(4));
            }
            String stuffed = stuff(content, 1 + random.nextInt(5));
            String withoutLineEnds = stuffed.replace("\r\n", "");
            assertThat(withoutLineEnds).as("seed %d", seed).doesNotContain("\r").doesNotContain("\n");
            assertThat("\r\n" + stuffed).as("seed %d", seed).doesNotContain("\r\n.\r\n");
            assertThat(stuffed).as("seed %d", seed).matches(s -> s.isEmpty() || s.endsWith("\r\n"));
        }
    }

    @Test
    void chunksThatArePlainLeaveAsTheyWouldStuffed() {
        int passed = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            DotStuffing stuffing = new DotStuffing();
            DotStuffing passing = new DotStuffing();
            ByteBuf stuffed = Unpooled.buffer();
            ByteBuf sent = Unpooled.buffer();
            for (int chunk = random.nextInt(5); chunk >= 0; chunk--) {
                byte[] octets = new byte[random.nextInt(9)];
                for (int i = 0; i < octets.length; i++) {
                    octets[i] = (byte) "\r\n\r\n.aaa".charAt(random.nextInt(8));
                    if (i > 0 && octets[i - 1] == '\r' && random.nextInt(8) > 0) {
                        octets[i] = '\n';
                    }
                }
                boolean plain = ContentChunk.of(octets).plain();
                for (int at = 0; at < octets.length; ) {
                    int piece = Math.min(1 + random.nextInt(8), octets.length - at);
                    stuffing.stuff(octets, at, piece, stuffed);
                    if (plain && passing.passPlain(octets, at, piece, sent)) {
                        passed++;
                    } else {
                        passing.stuff(octets, at, piece, sent);
                    }
                    at += piece;
                }
            }
            stuffing.finish(stuffed);
            passing.finish(sent);
            assertThat(sent.toString(StandardCharsets.ISO_8859_1))
                    .as("seed %d", seed)
                    .isEqualTo(stuffed.toString(StandardCharsets.ISO_8859_1));
        }
        assertThat(passed).isGreaterThan(10_000);
    }

    private static String unstuffed(String stuffed) {
        return ("\r\n" + stuffed).replace("\r\n.", "\r\n").substring(2);
    }

    /** In tables "~" stands for CRLF, ">" for CR and "&lt;" for LF. */
    private static String text(String table) {
        return table.replace("~", "\r\n").replace(">", "\r").replace("<", "\n");
    }

    private static byte[] octets(String table) {
        return text(table).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String stuff(byte[] content, int piece) {
        DotStuffing stuffing = new DotStuffing();
        ByteBuf out = Unpooled.buffer();
        for (int at = 0; at < content.length; at += piece) {
            stuffing.stuff(content, at, Math.min(piece, content.length - at), out);
        }
        stuffing.finish(out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
