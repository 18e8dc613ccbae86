package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a milter says of one message; each packet has its length before it, in one octet here, or as on the wire. */
class MilterFuzzTest {
    private static final HookAddress ADDRESS = HookAddress.ofMilter("127.0.0.1:8891");
    private static final AskedMail MAIL = new AskedMail(
            "mx.test",
            "01ABCDEFGHJKMNPQRSTVWXYZ01",
            new AskedMail.Client("relay", InetAddress.getLoopbackAddress(), false, "client.test", null, null, null),
            "a@x.test",
            List.of("b@y.test"),
            false);

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeComeToTheSameAndNoHeaderSectionIsBroken(byte[] octets) {
        comesToTheSame(octets);
        comesToTheSame(framed(octets));
    }

    private static void comesToTheSame(byte[] octets) {
        Look whole = new Look(octets, Math.max(1, octets.length));
        Look slow = new Look(octets, 1);
        assertThat(slow.sent).isEqualTo(whole.sent);
        assertThat(slow.text()).isEqualTo(whole.text());
    }

    private static byte[] framed(byte[] octets) {
        ByteBuffer framed = ByteBuffer.allocate(octets.length * 5);
        for (int from = 0; from < octets.length; ) {
            int length = Math.min(octets[from] & 0xFF, octets.length - from - 1);
            framed.putInt(length).put(octets, from + 1, length);
            from += 1 + length;
        }
        return Arrays.copyOf(framed.array(), framed.position());
    }

    /** A whole message that is looked at. */
    private static final class Look {
        private final List<String> sent = new ArrayList<>();
        private Inquiry.@Nullable Outcome outcome;

        private Look(byte[] octets, int piece) {
            EmbeddedChannel channel = new EmbeddedChannel();
            Dialer dialer = new Dialer(channel.eventLoop());
            Hook hook = new Hook("milter", null, ADDRESS, Duration.ofSeconds(1), Hook.OnFailure.DEFER);
            MilterInquiry inquiry = new MilterInquiry(
                    new MilterHook(hook, ADDRESS, dialer),
                    MAIL,
                    hook.timeout(),
                    channel.eventLoop(),
                    memory(),
                    () -> {});
            channel.pipeline().addLast(MilterInquiry.pipeline(inquiry));
            inquiry.opened(channel);
            HeaderFields header = header();
            inquiry.onHeader(header);
            byte[] text = "text\r\n".getBytes(UTF_8);
            inquiry.onText(text, 0, text.length);
            inquiry.conclude(header, 100, its -> outcome = its);
            for (int from = 0; from < octets.length && channel.isActive(); from += piece) {
                byte[] next = Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece));
                channel.writeInbound(Unpooled.wrappedBuffer(next));
            }
            channel.runPendingTasks();
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                sent.add(out.toString(ISO_8859_1));
                out.release();
            }
            inquiry.abandon();
            channel.finishAndReleaseAll();
        }

        private static HeaderFields header() {
            return new HeaderFields(List.of("Subject: s\r\n", "X-A: 1\r\n\tmore\r\n", "Subject: t\r\n"));
        }

        private static Inspection.Memory memory() {
            return new Inspection.Memory() {
                @Override
                public void take(long octets) {}

                @Override
                public void give(long octets) {}
            };
        }

        /** What it has come to. */
        private String text() {
            if (outcome == null || outcome.answer() == null) {
                return outcome == null ? "asked for more" : outcome.failure();
            }
            HookAnswer answer = outcome.answer();
            HttpAnswerFuzzTest.isSayable(answer.refusal());
            HeaderFields header = header();
            answer.changes().forEach(change -> change.accept(header));
            for (HeaderFields.Field field : header.fields()) {
                assertThat(field.text()).matches("(?s)|[!-9;-~]+[ \t]*:[^\r\n]*\r\n([ \t][^\r\n]*\r\n)*");
            }
            return answer.refusal() + header.text();
        }
    }
}
