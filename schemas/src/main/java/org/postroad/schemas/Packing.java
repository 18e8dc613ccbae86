package org.postroad.schemas;

import java.util.Arrays;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/**
 * Makes mail smaller before Kafka gets it, as LZ4 blocks: text and HTML shrink to a third or less, and every copy of them
 * with it: on the wire, in each replica, on each disk, for as long as the topic keeps them.
 *
 * <p>Done once, at ingress. Batches themselves are not compressed: a broker would open each to check it.
 *
 * <p>Confined to one thread, for its scratch space.
 */
public final class Packing {
    private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
    private static final LZ4SafeDecompressor DECOMPRESSOR = LZ4.safeDecompressor();

    private final LZ4Compressor compressor = LZ4.fastCompressor();
    private byte[] scratch = new byte[0];

    /** The first octets packed, or null when less than an eighth would be saved. */
    public byte @Nullable [] pack(byte[] octets, int length) {
        int most = compressor.maxCompressedLength(length);
        if (scratch.length < most) {
            scratch = new byte[most];
        }
        int packed = compressor.compress(octets, 0, length, scratch, 0);
        return packed < length - length / 8 ? Arrays.copyOf(scratch, packed) : null;
    }

    /**
     * The octets again; from any thread.
     *
     * @param size how many they were
     * @return null when that is not what these octets are
     */
    public static byte @Nullable [] unpack(byte[] packed, int size) {
        byte[] octets = new byte[size];
        try {
            return DECOMPRESSOR.decompress(packed, 0, packed.length, octets, 0) == size ? octets : null;
        } catch (LZ4Exception | IndexOutOfBoundsException damaged) {
            return null;
        }
    }
}
