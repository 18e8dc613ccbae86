package org.postroad.deliverer.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class LedgerCodecTest {
    private static final FinishedOffsets SAMPLE = new FinishedOffsets(1_000, 1_500, new long[] {1_000, 1_003, 1_400});

    @Test
    void theMarkAloneNeedsNoMetadata() {
        assertThat(LedgerCodec.encode(FinishedOffsets.below(7))).isEmpty();
        assertThat(LedgerCodec.decode(7, "")).isEqualTo(FinishedOffsets.below(7));
        assertThat(LedgerCodec.decode(7, null)).isEqualTo(FinishedOffsets.below(7));
    }

    @RepeatedTest(100)
    void decodingUndoesEncoding(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        long mark = random.nextLong(1L << 50);
        long[] gaps = random.longs(random.nextInt(300), 1, 200).toArray();
        long[] unfinished =
                LongStream.concat(LongStream.of(mark), LongStream.of(gaps)).toArray();
        for (int i = 1; i < unfinished.length; i++) {
            unfinished[i] += unfinished[i - 1];
        }
        FinishedOffsets finished = new FinishedOffsets(mark, unfinished[unfinished.length - 1] + 1, unfinished);
        assertThat(LedgerCodec.decode(mark, LedgerCodec.encode(finished))).isEqualTo(finished);
    }

    @RepeatedTest(100)
    void whatSurelyFitsFits(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int open = 1 + random.nextInt(2_500);
        long span = open + random.nextLong(2L << random.nextInt(40));
        // Even spread makes most gaps too long for one octet, which is the worst for so many in so long a span.
        long[] even = LongStream.range(0, open).map(i -> i * (span / open)).toArray();
        long[] wide = LongStream.range(0, open)
                .map(i -> Math.min(i * 128, span - open + i))
                .toArray();
        if (LedgerCodec.surelyFits(open, span)) {
            assertThat(LedgerCodec.encode(new FinishedOffsets(0, span, even))).isNotNull();
            assertThat(LedgerCodec.encode(new FinishedOffsets(0, span, wide))).isNotNull();
        }
    }

    @Test
    void aFewOpenRecordsFitWhateverTheSpan() {
        assertThat(LedgerCodec.surelyFits(250 + ClientSettings.POLL_RECORDS, OwnedPartition.SPAN_LIMIT))
                .isTrue();
        assertThat(LedgerCodec.surelyFits(OwnedPartition.OPEN_LIMIT + ClientSettings.POLL_RECORDS, 100_000))
                .isTrue();
        assertThat(LedgerCodec.surelyFits(2_000, 1_000_000)).isFalse();
    }

    @Test
    void whatDoesNotFitIsNotEncoded() {
        long[] unfinished = LongStream.range(0, 3_000).map(i -> i * 200).toArray();
        assertThat(LedgerCodec.encode(new FinishedOffsets(0, 1_000_000, unfinished)))
                .isNull();
    }

    @Test
    void whatWasDamagedIsNotBelieved() {
        String metadata = Objects.requireNonNull(LedgerCodec.encode(SAMPLE));
        byte[] octets = Base64.getDecoder().decode(metadata);
        for (int i = 0; i < octets.length * 8; i++) {
            byte[] damaged = octets.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            assertThat(LedgerCodec.decode(1_000, Base64.getEncoder().encodeToString(damaged)))
                    .isNull();
        }
    }

    @Test
    void metadataBelongsToItsOffset() {
        assertThat(LedgerCodec.decode(1_001, LedgerCodec.encode(SAMPLE))).isNull();
    }

    @Test
    void foreignMetadataIsNotBelieved() {
        for (String foreign : new String[] {"x", "set by an operator", "AAAA", "AQ==", "====", "\u00e4"}) {
            assertThat(LedgerCodec.decode(5, foreign)).as(foreign).isNull();
        }
    }
}
