package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.content.ContentChunk;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.schemas.Body;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Content that is read chunk by chunk while it is sent. */
class ContentTest {
    private static final String A = "a@example.test";
    private static final int CHUNK = 512 * 1024;

    /** Chunks in memory, some of them gone or unreadable. */
    private static final class Chunks implements ContentSource {
        private final List<byte[]> chunks = new ArrayList<>();
        private final List<Integer> read = Collections.synchronizedList(new ArrayList<>());
        private int gone = -1;
        private int unreadable = -1;

        ContentRef hold(byte[] content) {
            CRC32C digest = new CRC32C();
            digest.update(content);
            for (int at = 0; at < content.length; at += CHUNK) {
                chunks.add(Arrays.copyOfRange(content, at, Math.min(content.length, at + CHUNK)));
            }
            List<Long> offsets = new ArrayList<>();
            for (int i = 0; i < chunks.size(); i++) {
                offsets.add((long) i);
            }
            ContentId id = new ContentId(new byte[16]);
            return new ContentRef(id, 0, offsets, (long) content.length, (int) digest.getValue());
        }

        @Override
        public void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver) {
            read.add(chunk);
            boolean missing = chunk == gone || chunk == unreadable;
            loop.execute(() -> receiver.chunk(missing ? null : ContentChunk.of(chunks.get(chunk)), chunk == gone));
        }
    }

    @Test
    void fiftyMegabytesArriveOctetForOctet() throws Exception {
        byte[] content = large(50 * 1024 * 1024);
        Chunks chunks = new Chunks();
        ContentRef reference = chunks.hold(content);
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().capabilities("PIPELINING"));
                FakeWorld world = FakeWorld.reading(chunks)) {
            assertThat(world.fates(to(exchanger).withReference(reference))).containsEntry(A, "delivered 250 2.0.0");
            byte[] received = exchanger.mails().get(0).content();
            byte[] trace = "Received: by test\r\n".getBytes(StandardCharsets.US_ASCII);
            assertThat(Arrays.equals(received, trace.length, received.length, content, 0, content.length))
                    .isTrue();
            assertThat(chunks.read.size())
                    .as("the first also before a connection was taken")
                    .isEqualTo(1 + chunks.chunks.size());
        }
    }

    @Test
    void contentThatIsGoneIsHeldAndNeverSent() throws Exception {
        for (int missing : new int[] {0, 3}) {
            Chunks chunks = new Chunks();
            chunks.gone = missing;
            ContentRef reference = chunks.hold(large(3 * 1024 * 1024));
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                    FakeWorld world = FakeWorld.reading(chunks)) {
                assertThat(world.fates(to(exchanger).withReference(reference))).containsEntry(A, "held");
                assertThat(exchanger.mails()).isEmpty();
            }
        }
    }

    @Test
    void contentThatCannotBeReadNowIsNotTheMailsFault() throws Exception {
        Chunks chunks = new Chunks();
        chunks.unreadable = 2;
        ContentRef reference = chunks.hold(large(3 * 1024 * 1024));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.reading(chunks)) {
            assertThat(world.fates(to(exchanger).withReference(reference))).containsEntry(A, "untried");
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @Test
    void damagedContentNeverBecomesAMessage() throws Exception {
        Chunks chunks = new Chunks();
        ContentRef reference = chunks.hold(large(1024 * 1024));
        chunks.chunks.get(1)[77] ^= 1;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.reading(chunks)) {
            assertThat(world.fates(to(exchanger).withReference(reference))).containsEntry(A, "held");
            assertThat(exchanger.mails()).isEmpty();
        }
    }

    @Test
    void aConnectionLostInTheContentGoesToTheNextExchanger() throws Exception {
        Chunks chunks = new Chunks();
        ContentRef reference = chunks.hold(large(30 * 1024 * 1024));
        for (Effect drop : List.of(Effect.close(), Effect.reset())) {
            try (ScriptedExchanger first =
                            ScriptedExchanger.start(Script.accepting().at(Point.CONTENT, drop));
                    ScriptedExchanger second = ScriptedExchanger.start(Script.accepting());
                    FakeWorld world = FakeWorld.reading(chunks)) {
                Deliveries delivery = Deliveries.to(Deliveries.smarthost(first.port(), second.port()), A)
                        .withReference(reference);
                assertThat(world.fates(delivery)).containsEntry(A, "delivered 250 2.0.0");
            }
        }
    }

    @Test
    void theHeaderSectionSaysWhetherLargeContentNeedsSmtpUtf8() throws Exception {
        String body = "gr\u00fc\u00dfe\r\n".repeat(60_000);
        String manyFields = "X-Field: value\r\n".repeat(40_000); // more than a chunk
        Map<String, String> expected = Map.of(
                "Subject: plain\r\n\r\n" + body, "delivered 250 2.0.0",
                manyFields + "\r\n" + body, "delivered 250 2.0.0",
                "Subject: gr\u00fcn\r\n\r\n" + body, "bounced 553 5.6.7",
                "Subject: gr\u00fcn\r\n" + manyFields + "\r\n" + body, "bounced 553 5.6.7");
        for (Map.Entry<String, String> one : expected.entrySet()) {
            Chunks chunks = new Chunks();
            ContentRef reference = chunks.hold(one.getKey().getBytes(StandardCharsets.UTF_8));
            try (ScriptedExchanger exchanger =
                            ScriptedExchanger.start(Script.accepting().capabilities("PIPELINING", "8BITMIME"));
                    FakeWorld world = FakeWorld.reading(chunks)) {
                Deliveries delivery = to(exchanger).withReference(reference).smtpUtf8(Body.EIGHT_BIT_MIME);
                assertThat(world.fates(delivery)).containsEntry(A, one.getValue());
            }
        }
    }

    @Test
    void aBounceOfReferencedContentCarriesTheHeaderSection() throws Exception {
        Chunks chunks = new Chunks();
        ContentRef reference = chunks.hold(large(1024 * 1024));
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().rcpt("*", "550 5.1.1 unknown"));
                FakeWorld world = FakeWorld.reading(chunks)) {
            world.send(to(exchanger).withReference(reference));
            Completion completion = world.next();
            assertThat(StandardCharsets.US_ASCII
                            .decode(completion.headerBlock())
                            .toString())
                    .isEqualTo("Subject: large\r\nX-Other: field\r\n");
        }
    }

    private static Deliveries to(ScriptedExchanger exchanger) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), A);
    }

    /** Lines of many lengths, many with dots in front. */
    private static byte[] large(int octets) {
        StringBuilder text = new StringBuilder(octets + 200).append("Subject: large\r\nX-Other: field\r\n\r\n");
        for (int line = 0; text.length() < octets; line++) {
            text.append(line % 3 == 0 ? ".." : "").append("x".repeat(line % 97)).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
