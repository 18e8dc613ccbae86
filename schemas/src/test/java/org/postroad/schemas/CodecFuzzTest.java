package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/** The records of all topics; the first octet says which one. */
class CodecFuzzTest {
    /**
     * Of what one may make us allocate, beside what an honest one of its size takes: a long text and a long list, announced and not sent.
     */
    private static final long ANNOUNCED_OCTETS = 8L * Caps.BATCH_OCTETS;

    private static final long OCTETS_FOR_EACH = 4_096;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final KnownSchemas schemas = new KnownSchemas();
    private final List<Codec<? extends SpecificRecordBase>> codecs = List.of(
            new Codec<>(Envelope.class, schemas),
            new Codec<>(Delivery.class, schemas),
            new Codec<>(Failure.class, schemas),
            new Codec<>(Policy.class, schemas));

    @FuzzTest(maxDuration = "2m")
    void whatIsReadIsWrittenAndReadAgainAndNoLengthIsBelieved(byte[] octets) throws Exception {
        if (octets.length > 0) {
            readAgain(codecs.get(Math.floorMod(octets[0], codecs.size())), octets);
        }
    }

    private static <T extends SpecificRecordBase> void readAgain(Codec<T> codec, byte[] octets) throws Exception {
        byte[] record = octets.clone();
        record[0] = (byte) 0xC3;
        fingerprinted(record, KnownSchemas.fingerprint(codec.schema()));
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            T read = codec.decodeWhatIsKnown(record);
            assertThat(codec.decodeWhatIsKnown(codec.encode(read))).isEqualTo(read);
        } catch (UndecodableException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertThat(AvroLimits.areInForce() ? allocated : 0) // unless a test used a record before anything else
                    .isLessThan(ANNOUNCED_OCTETS + OCTETS_FOR_EACH * octets.length);
        }
    }

    /** No fuzzer guesses one. */
    private static void fingerprinted(byte[] record, long fingerprint) {
        for (int i = 0; i < 8 && record.length >= 10; i++) {
            record[1] = 1;
            record[2 + i] = (byte) (fingerprint >>> 8 * i);
        }
    }
}
