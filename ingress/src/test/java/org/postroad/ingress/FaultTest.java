package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is thrown between a session and Kafka, its client hears of it and nothing of it stays in memory. */
class FaultTest {
    private static final String BEGIN = "EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n";
    private static final String NOT_KEPT = "451 4.3.0";

    private ServedSession session = ServedSession.slowKafka();

    /** A producer that throws what no producer should, or has none of its memory left. */
    private static final class Broken extends LinkageError {
        private static final long serialVersionUID = 1;
    }

    /** Memory for replies is gone, for so many of them. */
    private static final class NoMemory extends AbstractByteBufAllocator {
        private int failures;

        NoMemory(int failures) {
            this.failures = failures;
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        @Override
        protected ByteBuf newHeapBuffer(int octets, int most) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(octets, most);
        }

        @Override
        protected ByteBuf newDirectBuffer(int octets, int most) {
            return UnpooledByteBufAllocator.DEFAULT.directBuffer(octets, most);
        }

        @Override
        public ByteBuf buffer(int octets) {
            if (failures-- > 0) {
                throw new OutOfMemoryError("no direct memory");
            }
            return super.buffer(octets);
        }
    }

    @AfterEach
    void nothingIsHeldAndNobodyWaits() {
        while (session.kafka.completeNext()) {
            session.channel.runPendingTasks();
        }
        session.wait(Duration.ofSeconds(31));
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
        assertThat(session.gauge("postroad_ingress_sessions")).isEqualTo(session.closed() ? 0 : 1);
        if (!session.closed()) {
            assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_800_000})
    void anErrorOfTheProducersIsA451(int size) {
        session = ServedSession.throwing(new Broken());
        session.send(BEGIN);
        assertThat(session.send(content(size))).singleElement().asString().startsWith(NOT_KEPT);
        assertThat(session.closed()).as("it is an answer like any other").isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_800_000})
    void aProducerWhoseThreadIsDeadIsA451(int size) {
        session.send(BEGIN);
        session.send(content(size));
        session.kafka.clear(); // it has forgotten them
        assertThat(session.wait(Duration.ofSeconds(29))).isEmpty();
        List<String> heard = session.wait(Duration.ofSeconds(2));
        for (int i = 0; i < 20 && heard.isEmpty(); i++) {
            heard = session.wait(Duration.ofSeconds(31)); // what was written after the first chunks were given up
        }
        assertThat(heard).singleElement().asString().startsWith(NOT_KEPT);
    }

    @Test
    void anAnswerThatComesAfterItWasGivenUpIsNoSecondOne() {
        session.send(BEGIN);
        session.send(content(100));
        assertThat(session.wait(Duration.ofSeconds(31)))
                .singleElement()
                .asString()
                .startsWith(NOT_KEPT);
        session.kafka.completeNext();
        assertThat(session.heard()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_800_000})
    void anErrorWhileTheAnswerIsWrittenEndsTheSession(int size) {
        session.send(BEGIN);
        session.send(content(size));
        session.channel.config().setAllocator(new NoMemory(1));
        answerAll();
        assertThat(session.heard()).last().asString().startsWith(NOT_KEPT);
        assertThat(session.closed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_800_000})
    void whereNotEvenTheLastWordCanBeSaidTheSessionIsClosed(int size) {
        session.send(BEGIN);
        session.send(content(size));
        session.channel.config().setAllocator(new NoMemory(Integer.MAX_VALUE));
        answerAll();
        assertThat(session.heard()).isEmpty();
        assertThat(session.closed()).isTrue();
    }

    @Test
    void anErrorInATaskOfTheClockEndsTheSession() {
        session.send(BEGIN + "half of it");
        session.channel.config().setAllocator(new NoMemory(1));
        assertThat(session.wait(Duration.ofSeconds(301))).isEmpty();
        assertThat(session.closed()).isTrue();
    }

    @Test
    void anErrorWhenTheNodeClosesEndsTheSession() {
        session.send(BEGIN + "half of it");
        session.channel.config().setAllocator(new NoMemory(1));
        session.channel.pipeline().get(SessionHandler.class).shutDown();
        session.channel.runPendingTasks();
        assertThat(session.closed()).isTrue();
    }

    private void answerAll() {
        session.channel.runPendingTasks();
        while (session.kafka.completeNext()) {
            session.channel.runPendingTasks();
        }
    }

    /** Content that cannot be packed, and its end. */
    private static byte[] content(int size) {
        byte[] content = new byte[size + 5];
        new Random(size).nextBytes(content);
        for (int i = 0; i < size; i++) {
            boolean special = content[i] == '\r' || content[i] == '\n' || content[i] == '.';
            content[i] = special ? (byte) 'x' : content[i];
        }
        System.arraycopy(new byte[] {'\r', '\n', '.', '\r', '\n'}, 0, content, size, 5);
        return content;
    }
}
