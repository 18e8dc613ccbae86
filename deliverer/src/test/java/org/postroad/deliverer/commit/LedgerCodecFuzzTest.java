package org.postroad.deliverer.commit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;

/** What a committed offset has as its metadata, which any member of the group may have written. */
class LedgerCodecFuzzTest {
    private static final long MARK = 1_000;

    @FuzzTest(maxDuration = "2m")
    void whatIsReadIsInOrderAndReadAgain(byte[] octets) {
        isSound(new String(octets, US_ASCII));
        isSound(Base64.getEncoder().encodeToString(checked(octets)));
    }

    private static void isSound(String metadata) {
        FinishedOffsets read = LedgerCodec.decode(MARK, metadata);
        if (read != null) {
            long previous = read.mark() - 1;
            for (long offset : read.unfinished()) {
                assertThat(offset).isGreaterThan(previous).isLessThan(read.highest());
                previous = offset;
            }
            String written = LedgerCodec.encode(read);
            assertThat(written == null ? read : LedgerCodec.decode(MARK, written))
                    .isEqualTo(read);
        }
    }

    /** With the version and the checksum that no fuzzer guesses. */
    private static byte[] checked(byte[] octets) {
        ByteBuffer out =
                ByteBuffer.allocate(1 + octets.length + 4).put((byte) 1).put(octets);
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(MARK).flip());
        crc.update(Arrays.copyOf(out.array(), out.position()));
        return out.putInt((int) crc.getValue()).array();
    }
}
