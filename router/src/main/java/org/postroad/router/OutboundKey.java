package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.postroad.schemas.Partitions;

/**
 * The key of an outbound record: its destination, and {@code #shard} for every shard but the first.
 *
 * <p>The key alone decides the partition, because Streams asks its partitioner again whenever it likes. A stranger's
 * address literal may hold "#" too, so whatever is not a shard's number belongs to the destination: an exception here
 * would end the stream thread again and again over the same record.
 */
final class OutboundKey implements StreamPartitioner<byte[], byte[]> {
    private static final int SHARD_DIGITS = 6;

    static String of(String destination, int shard) {
        return shard == 0 ? destination : destination + "#" + shard;
    }

    static int partition(String key, int count) {
        int hash = key.lastIndexOf('#');
        return hash < 0 || !isShard(key, hash + 1)
                ? Partitions.of(key, 0, count)
                : Partitions.of(key.substring(0, hash), Integer.parseInt(key, hash + 1, key.length(), 10), count);
    }

    private static boolean isShard(String key, int from) {
        int digits = key.length() - from;
        return digits >= 1 && digits <= SHARD_DIGITS && key.chars().skip(from).allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int count) {
        return Optional.of(Set.of(partition(new String(key, UTF_8), count)));
    }
}
