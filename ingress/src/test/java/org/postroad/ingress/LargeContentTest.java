package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Caps;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.InlineContent;

/** Content on its way to Kafka: inline or in chunks, never too much of it in memory, never 250 on doubt. */
class LargeContentTest {
    private static final String BEGIN = "EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n";

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 2, 999, 1_000, 1_001, 1_003, 1_004, 50_000, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073,
                1_300_000, 2_000_000
            })
    void arrivesOctetForOctetWhateverItsSize(int size) {
        byte[] content = content(size);
        ServedSession session = begun(ServedSession.ordinary());
        assertThat(sendInSegments(session, wire(content))).startsWith("250 2.0.0 queued as");
        Object kept = session.envelopes().get(0).getContent();
        if (size <= ServedSession.INLINE_UP_TO) {
            assertThat(((InlineContent) kept).getOctets()).isEqualTo(ByteBuffer.wrap(content));
            assertThat(session.chunks()).isEmpty();
        } else {
            assertThat(joined(session.chunks())).isEqualTo(content);
            assertThat(session.chunks()).allMatch(chunk -> chunk.length <= Caps.CHUNK_OCTETS);
            assertDescribes((ContentRef) kept, session, content);
        }
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {50_000, 131_072, 300_000})
    void oneMessageAfterTheOtherIsKeptAsItCame(int size) {
        ServedSession session = begun(ServedSession.slowKafka());
        List<byte[]> contents = List.of(noise(size, 1), content(size), noise(size, 2), content(size - 7));
        for (int i = 0; i < contents.size(); i++) {
            session.send(i == 0 ? new byte[0] : BEGIN.substring(8).getBytes(ISO_8859_1));
            session.send(wire(contents.get(i)));
            while (session.kafka.completeNext()) {
                session.channel.runPendingTasks();
            }
        }
        assertThat(joined(session.chunks())).isEqualTo(joined(contents));
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @Test
    void refusesOneOctetTooMuchAfterItsEnd() {
        ServedSession session = begun(ServedSession.ordinary());
        assertThat(sendInSegments(session, wire(content(ServedSession.MAX_SIZE + 1))))
                .startsWith("552 5.3.4");
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
        assertThat(session.envelopes()).isEmpty();
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @Test
    void stopsReadingUntilKafkaHasCaughtUp() {
        ServedSession session = begun(ServedSession.slowKafka());
        byte[] wire = wire(content(1_900_000));
        session.send(wire);
        assertThat(session.channel.config().isAutoRead()).isFalse();
        assertThat(session.kafka.history()).hasSize(4);
        assertThat(session.gauge("postroad_ingress_octets_in_flight"))
                .isLessThanOrEqualTo(ServedSession.BUDGET + IncomingContent.EARLY_CHUNK_OCTETS);
        int answered = 0;
        while (session.kafka.completeNext()) {
            answered++;
            assertThat(session.envelopes()).hasSizeLessThanOrEqualTo(1);
            session.channel.runPendingTasks();
        }
        assertThat(answered).isEqualTo(session.chunks().size() + 1);
        assertThat(session.channel.config().isAutoRead()).isTrue();
        assertThat(session.heard()).singleElement().asString().startsWith("250 2.0.0 queued as");
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @Test
    void refusesForNowWhatThereIsNoRoomFor() {
        ServedSession session = begun(ServedSession.ordinary());
        long others = ServedSession.BUDGET * OctetBudget.MOST_LIMITS + 1;
        session.budget.take(others);
        assertThat(sendInSegments(session, wire(content(100_000)))).startsWith("452 4.3.1");
        assertThat(session.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("452 4.3.1");
        assertThat(session.chunks()).isEmpty();
        session.budget.give(others);
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
        assertThat(session.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("250 2.1.0");
    }

    @Test
    void anAnnouncementAloneHoldsLittleWhileTheBudgetIsTight() {
        ServedSession session = ServedSession.ordinary();
        session.budget.take(ServedSession.BUDGET);
        session.send("EHLO c\r\nMAIL FROM:<> SIZE=1000000\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
        assertThat(session.gauge("postroad_ingress_octets_in_flight") - ServedSession.BUDGET)
                .isLessThanOrEqualTo(1_024 + 512); // of content, and of the envelope
    }

    @Test
    void says250OnlyWhenTheEnvelopeIsKept() {
        ServedSession session = begun(ServedSession.slowKafka());
        assertThat(session.send("small\r\n.\r\nNOOP\r\n")).isEmpty();
        assertThat(session.envelopes()).hasSize(1);
        session.kafka.completeNext();
        assertThat(session.heard()).hasSize(2).first().asString().startsWith("250 2.0.0 queued as");
    }

    @Test
    void writesTheEnvelopeOnlyAfterItsChunks() {
        ServedSession session = begun(ServedSession.slowKafka());
        session.send(wire(content(100_000)));
        assertThat(session.chunks()).hasSize(1);
        assertThat(session.envelopes()).isEmpty();
        session.kafka.completeNext();
        assertThat(session.heard()).isEmpty();
        assertThat(session.envelopes()).hasSize(1);
        session.kafka.completeNext();
        assertThat(session.heard()).singleElement().asString().startsWith("250 2.0.0 queued as");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_200_000})
    void says451WhenAnythingIsInDoubt(int size) {
        ServedSession session = begun(ServedSession.slowKafka());
        session.send(wire(content(size)));
        session.kafka.errorNext(new org.apache.kafka.common.errors.TimeoutException("gone"));
        session.channel.runPendingTasks();
        while (session.kafka.completeNext()) {
            session.channel.runPendingTasks();
        }
        assertThat(session.heard()).containsExactly("451 4.3.0 Cannot keep the message now, try again later");
        assertThat(session.envelopes()).hasSizeLessThanOrEqualTo(size == 100 ? 1 : 0);
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @Test
    void says451WhenTheProducerTakesNothing() {
        ServedSession session = begun(ServedSession.ordinary());
        session.kafka.sendException = new org.apache.kafka.common.errors.TimeoutException("no metadata");
        assertThat(session.send("small\r\n.\r\n"))
                .containsExactly("451 4.3.0 Cannot keep the message now, try again later");
        assertThat(session.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("451 4.3.0");
        session.kafka.sendException = null;
        session.wait(Duration.ofSeconds(2));
        assertThat(session.send("MAIL FROM:<>\r\nRCPT TO:<b@y>\r\nDATA\r\nagain\r\n.\r\n"))
                .last()
                .asString()
                .startsWith("250 2.0.0 queued as");
    }

    @ParameterizedTest
    @CsvSource({"'', 131072 131072 131072 524288 524288 458208", "' SIZE=1900000', 524288 524288 524288 327136"})
    void whatIsLargeIsWrittenInChunksThatFillABatch(String declared, String expected) {
        ServedSession session = ServedSession.ordinary();
        session.send(BEGIN.replace(">\r\nRCPT", ">" + declared + "\r\nRCPT"));
        assertThat(sendInSegments(session, wire(noise(1_900_000, 1)))).startsWith("250 2.0.0 queued as");
        String sizes = session.chunks().stream()
                .map(chunk -> String.valueOf(chunk.length))
                .collect(java.util.stream.Collectors.joining(" "));
        assertThat(sizes).isEqualTo(expected);
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }

    @Test
    void aLargeMessageThatIsRefusedOrWhoseClientHangsUpLeavesItsTurnToOthers() {
        for (int i = 0; i < 5; i++) { // more than may gather at once
            ServedSession session = begun(ServedSession.ordinary());
            session.send(Arrays.copyOf(wire(noise(1_900_000, 1)), 1_000_000));
            session.channel.close();
            assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
            ServedSession refused = begun(ServedSession.ordinary());
            assertThat(sendInSegments(refused, wire(noise(2_500_000, 1)))).startsWith("552 5.3.4");
            refused.send(BEGIN.substring(8));
            assertThat(sendInSegments(refused, wire(noise(1_900_000, 1)))).startsWith("250 2.0.0 queued as");
        }
    }

    @Test
    void forgetsAMessageWhoseClientHangsUp() {
        ServedSession session = begun(ServedSession.slowKafka());
        session.send(Arrays.copyOf(wire(content(900_000)), 800_000));
        session.channel.close();
        while (session.kafka.completeNext()) {
            session.channel.runPendingTasks();
        }
        assertThat(session.envelopes()).isEmpty();
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
        assertThat(session.gauge("postroad_ingress_sessions")).isZero();
    }

    private static void assertDescribes(ContentRef ref, ServedSession session, byte[] content) {
        CRC32C digest = new CRC32C();
        digest.update(content);
        assertThat(ref.getSize()).isEqualTo(content.length);
        assertThat(ref.getCrc32c()).isEqualTo((int) digest.getValue());
        assertThat(ref.getOffsets()).hasSize(session.chunks().size()).isSorted().doesNotContain(-1L);
        for (int i = 0; i < ref.getOffsets().size(); i++) {
            assertThat(ContentChunks.isChunk(session.kafka.history().get(i).key(), ref, i))
                    .isTrue();
            assertThat(session.kafka.history().get(i).partition()).isEqualTo(ref.getPartition());
        }
    }

    private static ServedSession begun(ServedSession session) {
        assertThat(session.send(BEGIN)).last().asString().startsWith("354");
        return session;
    }

    private static String sendInSegments(ServedSession session, byte[] wire) {
        List<String> replies = List.of();
        for (int from = 0; from < wire.length; from += 65_536) {
            replies = session.send(Arrays.copyOfRange(wire, from, Math.min(wire.length, from + 65_536)));
        }
        assertThat(replies).hasSize(1);
        return replies.get(0);
    }

    /** Content that cannot be packed. */
    private static byte[] noise(int size, long seed) {
        byte[] noise = new byte[size];
        new Random(seed).nextBytes(noise);
        for (int i = 0; i < size; i++) {
            noise[i] = noise[i] == '\r' || noise[i] == '\n' || noise[i] == '.' ? (byte) 'x' : noise[i];
        }
        noise[size - 2] = '\r';
        noise[size - 1] = '\n';
        return noise;
    }

    /** Lines of which some begin with dots. */
    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        for (int i = 0; i < size; i++) {
            content[i] = (byte) (content[i] % 3 == 0 ? '.' : 'a' + Math.floorMod(content[i], 26));
        }
        for (int i = 0; i + 1 < size; i += 60) {
            content[i] = '\r';
            content[i + 1] = '\n';
        }
        if (size >= 2) {
            content[size - 2] = '\r';
            content[size - 1] = '\n';
            for (int i = Math.max(0, size - 4); i < size - 2; i++) {
                content[i] = 'z';
            }
        }
        return content;
    }

    private static byte[] wire(byte[] content) {
        String text = new String(content, ISO_8859_1);
        String stuffed = (text.startsWith(".") ? "." : "") + text.replace("\r\n.", "\r\n..");
        return (stuffed + ".\r\n").getBytes(ISO_8859_1);
    }

    private static byte[] joined(List<byte[]> chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        chunks.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
