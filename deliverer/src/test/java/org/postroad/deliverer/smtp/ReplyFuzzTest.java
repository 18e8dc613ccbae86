package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.Reply;

class ReplyFuzzTest {
    /** Its replies, and whether something that is none ended them. */
    private record Heard(List<Reply> replies, boolean malformed) {}

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeAreTheSameBoundedAndPrintableReplies(byte[] octets) {
        Heard whole = heard(octets, Math.max(1, octets.length));
        assertThat(heard(octets, 1)).isEqualTo(whole);
        assertThat(heard(octets, 11)).isEqualTo(whole);
        for (Reply reply : whole.replies) {
            assertThat(reply.code()).isBetween(200, 599);
            assertThat(reply.lines()).hasSizeBetween(1, ReplyDecoder.LINES);
            assertThat(reply.text()).hasSizeLessThan(2 * ReplyDecoder.REPLY_OCTETS);
            assertThat(reply.toString().chars()).allMatch(c -> c >= ' ' && c < 0x7F);
        }
    }

    private static Heard heard(byte[] octets, int piece) {
        ReplyDecoder decoder = new ReplyDecoder();
        List<Reply> replies = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        try {
            for (int from = 0; from < octets.length; from += piece) {
                in.writeBytes(octets, from, Math.min(piece, octets.length - from));
                for (Reply reply = decoder.decode(in); reply != null; reply = decoder.decode(in)) {
                    replies.add(reply);
                }
                assertThat(in.readableBytes()).isLessThanOrEqualTo(ReplyDecoder.LINE_OCTETS);
            }
            return new Heard(replies, false);
        } catch (MalformedReplyException malformed) {
            assertThat(String.valueOf(malformed.getMessage()).chars()).allMatch(c -> c >= ' ' && c < 0x7F);
            assertThat(malformed.getMessage()).hasSizeLessThan(1_000);
            return new Heard(replies, true);
        }
    }
}
