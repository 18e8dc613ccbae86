package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Reply;

class ReplyDecoderTest {
    private static final String SESSION = "220 mx.test ESMTP\r\n250-mx.test\r\n250-SIZE 1000\r\n250 PIPELINING\r\n"
            + "250 2.1.0 ok\r\n250\r\n354 go\n421 4.3.2 bye\r\n";

    @Test
    void octetsOneByOneMakeTheSameRepliesAsAllAtOnce() throws Exception {
        List<Reply> atOnce = decode(SESSION, SESSION.length());
        assertThat(atOnce.stream().map(Reply::toString))
                .containsExactly(
                        "220 mx.test ESMTP",
                        "250 mx.test / SIZE 1000 / PIPELINING",
                        "250 2.1.0 ok",
                        "250 ",
                        "354 go",
                        "421 4.3.2 bye");
        for (int piece = 1; piece < SESSION.length(); piece++) {
            assertThat(decode(SESSION, piece)).isEqualTo(atOnce);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "250|250 ",
                "250-a;250 b|250 a / b",
                "250-2.1.5 a;250 2.1.5 b|250 2.1.5 a / b",
                "550 4.1.1 contradicts|550 contradicts",
                "550 5.1.1|550 5.1.1 ",
                "250 tab\there|250 tab?here",
                "550 5.7.1 \u001b[31mred\u0007|550 5.7.1 ?[31mred?",
                "251 \u00e9|251 ??",
                "250 bare\rreturn|250 bare?return"
            })
    void readsWhatIsAReply(String lines, String expected) throws Exception {
        assertThat(decode(lines.replace(";", "\r\n") + "\r\n", 7))
                .extracting(Reply::toString)
                .containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2",
                "25",
                "2500 ok",
                "25x ok",
                "-250 ok",
                "150 ok",
                "199 ok",
                "600 ok",
                "999 ok",
                "000 ok",
                "250_ok",
                "250-a;251 b",
                "250-a;xyz",
                "HTTP/1.1 400 Bad Request",
                "\u0000\u0000\u0000\u0000"
            })
    void refusesWhatIsNone(String lines) {
        assertThatThrownBy(() -> decode(lines.replace(";", "\r\n") + "\r\n", 5))
                .isInstanceOf(MalformedReplyException.class);
    }

    @Test
    void whatIsNoReplyIsToldInItsOwnWords() {
        assertThatThrownBy(() -> decode("220-x ESMTP\r\n521 5.7.1 client blocked\u0007\r\n", 5))
                .hasMessage("a reply of two codes, 220 and 521; it said: 220-x ESMTP / 521 5.7.1 client blocked?");
        assertThatThrownBy(() -> decode("go away\r\n", 5)).hasMessage("a line that is no reply; it said: go away");
        assertThatThrownBy(() -> decode("x".repeat(ReplyDecoder.LINE_OCTETS + 100), 100))
                .message()
                .contains("it said: xxx")
                .hasSizeLessThan(512);
    }

    @Test
    void refusesAReplyWithoutEnd() {
        String line = "250-x\r\n";
        assertThatThrownBy(() -> decode(line.repeat(ReplyDecoder.LINES + 1), 1_000))
                .isInstanceOf(MalformedReplyException.class);
        String longLine = "250-" + "x".repeat(1_900) + "\r\n";
        assertThatThrownBy(() -> decode(longLine.repeat(9), 1_000)).isInstanceOf(MalformedReplyException.class);
    }

    @Test
    void refusesALineWithoutEndBeforeItHasCome() {
        assertThatThrownBy(() -> decode("250 " + "x".repeat(ReplyDecoder.LINE_OCTETS), 100))
                .isInstanceOf(MalformedReplyException.class);
    }

    private static List<Reply> decode(String text, int piece) throws MalformedReplyException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        ReplyDecoder decoder = new ReplyDecoder();
        List<Reply> replies = new ArrayList<>();
        ByteBuf in = Unpooled.buffer(octets.length);
        for (int at = 0; at < octets.length; at += piece) {
            in.writeBytes(octets, at, Math.min(piece, octets.length - at));
            for (Reply reply = decoder.decode(in); reply != null; reply = decoder.decode(in)) {
                replies.add(reply);
            }
        }
        return replies;
    }
}
