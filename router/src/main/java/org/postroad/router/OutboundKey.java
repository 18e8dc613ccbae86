package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.postroad.schemas.Partitions;

/**
 * The key of an outbound record: its destination, and {@code #shard} for every shard but the first.
 *
 * <p>The key alone decides the partition, because Streams asks its partitioner again whenever it likes. No domain and no
 * roll-up holds "#".
 */
final class OutboundKey implements StreamPartitioner<byte[], byte[]> {

    static String of(String destination, int shard) {
        return shard == 0 ? destination : destination + "#" + shard;
    }

    static int partition(String key, int count) {
        int hash = key.lastIndexOf('#');
        return hash < 0
                ? Partitions.of(key, 0, count)
                : Partitions.of(key.substring(0, hash), Integer.parseInt(key.substring(hash + 1)), count);
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int count) {
        return Optional.of(Set.of(partition(new String(key, UTF_8), count)));
    }
}
