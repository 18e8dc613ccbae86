package org.postroad.deliverer.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;

class WantedChunksTest {
    private static final long NEAR = 64;

    private final WantedChunks wanted = new WantedChunks();

    @ParameterizedTest
    @CsvSource(
            nullValues = "read on",
            value = {
                "100, read on",
                "90, read on",
                "36, read on",
                "35, 100",
                "0, 100",
                "101, 200",
                "200, read on",
                "201, 100",
                "5000, 100"
            })
    void seeksOnlyWhenWhatIsWantedIsNotJustAhead(long position, Long seek) {
        wanted.add(request(100, 0));
        wanted.add(request(200, 0));
        assertThat(wanted.seekFrom(position, NEAR, -1)).isEqualTo(seek);
    }

    @Test
    void whatWaitedLongBehindIsNotForgottenForWhatLiesAhead() {
        wanted.add(request(100, 10));
        wanted.add(request(5_000, 20));
        assertThat(wanted.seekFrom(5_000, NEAR, 10)).isNull();
        assertThat(wanted.seekFrom(5_000, NEAR, 11)).isEqualTo(100);
        assertThat(wanted.seekFrom(100, NEAR, 11)).as("the pass has started").isNull();
        wanted.take(100);
        assertThat(wanted.seekFrom(101, NEAR, 11)).isEqualTo(5_000);
    }

    @Test
    void whatLiesTogetherIsReadToItsEndBeforeAnythingElse() {
        wanted.add(request(100, 10));
        wanted.add(request(5_000, 20));
        wanted.take(100);
        wanted.readAhead(104, 0);
        assertThat(wanted.seekFrom(101, 0, 5)).isNull();
        assertThat(wanted.take(101)).isEmpty();
        assertThat(wanted.seekFrom(102, 0, 21))
                .as("what waited long is ahead, not behind")
                .isNull();
        wanted.take(102);
        wanted.take(103);
        assertThat(wanted.seekFrom(104, 0, 5)).isEqualTo(5_000);
        wanted.take(5_000);
        assertThat(wanted.isEmpty()).isTrue();
    }

    @Test
    void readingAheadEndsWhereThereIsNothingOrNothingComes() {
        wanted.readAhead(104, 0);
        assertThat(wanted.isEmpty()).isFalse();
        assertThat(wanted.seekFrom(101, 0, 5)).isNull();
        wanted.takeBetween(101, 110);
        assertThat(wanted.isEmpty()).as("the log leaps over it").isTrue();
        wanted.readAhead(104, 0);
        wanted.takeExpired(Duration.ofSeconds(6).toNanos());
        assertThat(wanted.isEmpty()).as("Kafka is slow").isTrue();
    }

    @Test
    void aStretchEndsAtAGapOrAtItsMost() {
        ContentRef ref = new ContentRef(new ContentId(new byte[16]), 0, List.of(7L, 8L, 9L, 20L, 21L), 1L, 0);
        assertThat(stretch(ref, 0, 10)).isEqualTo(10);
        assertThat(stretch(ref, 1, 10)).isEqualTo(10);
        assertThat(stretch(ref, 0, 1)).isEqualTo(9);
        assertThat(stretch(ref, 2, 10)).isEqualTo(10);
        assertThat(stretch(ref, 3, 10)).isEqualTo(22);
        assertThat(stretch(ref, 4, 0)).isEqualTo(22);
    }

    private static long stretch(ContentRef ref, int chunk, int most) {
        return new ChunkRequest(ref, chunk, ImmediateEventExecutor.INSTANCE, (octets, gone) -> {}, 0)
                .endOfStretch(most);
    }

    @Test
    void expiredRequestsAreGivenUpAndOthersKept() {
        ChunkRequest early = request(100, 10);
        ChunkRequest late = request(100, 20);
        wanted.add(early);
        wanted.add(late);
        assertThat(wanted.takeExpired(10)).containsExactly(early);
        assertThat(wanted.take(100)).containsExactly(late);
        assertThat(wanted.isEmpty()).isTrue();
    }

    @Test
    void theCacheDropsWhatWasReadFirst() {
        ChunkCache cache = new ChunkCache(30_000);
        for (long offset = 0; offset < 3; offset++) {
            cache.put(new ConsumerRecord<>("content", 0, offset, new byte[0], new byte[9_000]));
        }
        assertThat(cache.get(0, 0)).isNotNull();
        cache.put(new ConsumerRecord<>("content", 0, 3, new byte[0], new byte[9_000]));
        assertThat(cache.get(0, 0)).isNull();
        assertThat(cache.get(0, 1)).isNotNull();
        assertThat(cache.octets()).isBetween(27_000L, 30_000L);
        assertThatCode(() -> cache.put(new ConsumerRecord<>("content", 0, 4, new byte[0], new byte[30_001])))
                .doesNotThrowAnyException();
        assertThat(cache.octets()).isZero();
    }

    private static ChunkRequest request(long offset, long deadline) {
        ContentRef ref = new ContentRef(new ContentId(new byte[16]), 0, List.of(offset), 1L, 0);
        return new ChunkRequest(ref, 0, ImmediateEventExecutor.INSTANCE, (octets, gone) -> {}, deadline);
    }
}
