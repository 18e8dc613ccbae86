package org.postroad.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Which partition owns a destination, or one shard of it. */
public final class Partitions {
    private Partitions() {}

    /** {@code (hash(destination) + shard) mod count}: neighbouring shards fall on different partitions. */
    public static int of(String destination, int shard, int count) {
        int hash = Utils.toPositive(Utils.murmur2(destination.getBytes(StandardCharsets.UTF_8)));
        return (int) ((hash + (long) shard) % count);
    }
}
