package org.postroad.ingress;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.apache.kafka.clients.admin.LogDirDescription;

/**
 * How much room the brokers have, by what each of them said last: one that does not answer makes none of the others unknown, nor room of a
 * disk that was full. Pure.
 */
final class BrokerRoom {
    /** When this part more is free than has to be left, a disk that was full is so no more; else it would be, and not, in turns. */
    private static final int MARGIN_PART = 8;

    private final String topicPrefix;
    private final LongUnaryOperator least;
    private final Map<Integer, Collection<LogDirDescription>> known = new HashMap<>();
    private boolean full;

    /** @param least the octets that have to be left of a disk of so many */
    BrokerRoom(String topicPrefix, LongUnaryOperator least) {
        this.topicPrefix = topicPrefix;
        this.least = least;
    }

    /**
     * The octets that there are on the fullest disk, none or less when it is full.
     *
     * @param brokers all there are, whether they answered or not; what others said is forgotten, as nothing is written to them
     * @param answers of some of them, their disks
     */
    long after(Collection<Integer> brokers, Map<Integer, Collection<LogDirDescription>> answers) {
        known.keySet().retainAll(brokers);
        known.putAll(answers);
        long room = known.values().stream()
                .mapToLong(disks -> room(disks, topicPrefix, this::hasToBeFree))
                .min()
                .orElse(Long.MAX_VALUE);
        full = room <= 0;
        return room;
    }

    private long hasToBeFree(long octets) {
        long left = least.applyAsLong(octets);
        return full ? left + Math.min(left / MARGIN_PART, Long.MAX_VALUE - left) : left;
    }

    /**
     * The octets that one broker can take before less is left than has to be, on the fullest of its disks that has some of our topics;
     * negative when less is left already. A broker too old to say how large its disks are has room.
     */
    static long room(Collection<LogDirDescription> disks, String topicPrefix, LongUnaryOperator least) {
        return disks.stream()
                .filter(disk ->
                        disk.totalBytes().isPresent() && disk.usableBytes().isPresent())
                .filter(disk -> disk.replicaInfos().keySet().stream()
                        .anyMatch(partition -> partition.topic().startsWith(topicPrefix)))
                .mapToLong(disk -> disk.usableBytes().getAsLong()
                        - least.applyAsLong(disk.totalBytes().getAsLong()))
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
