package org.postroad.deliverer.send;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.ContentReader;

/**
 * The messages with large content that one loop has under way: few enough that what is read ahead for each stays in memory until it is
 * sent, and at most half of the connections that this node may have to an exchanger ({@link AddressLimits}), so that small mail always
 * finds one. Time is an argument.
 *
 * <p>A message that has been under way for long goes to a slow exchanger, and would keep large mail from all others: it counts
 * no more among those that are under way at once, only in a higher limit that bounds memory. Confined to its loop.
 */
final class LargeMail {
    /** What one message keeps in memory: a stretch that was read ahead, two chunks, and a piece on its way. */
    private static final long STRETCH_OCTETS = 1 << 20;

    private static final long CHUNKS_OCTETS = 512 << 10;
    static final long LONG_NANOS = Duration.ofSeconds(30).toNanos();

    /** Of those that wait, so many look whether they may go when one has left: not each can. */
    private static final int CALLED = 4;

    private final AddressLimits limits;
    private final int atOnce;
    private final int most;
    private final Map<Object, Entry> underWay = new HashMap<>();
    private final Set<Runnable> waiting = new LinkedHashSet<>();

    private record Entry(InetSocketAddress address, long since) {}

    /**
     * @param limits of each address, shared by all loops
     * @param most however long they have been under way
     */
    LargeMail(AddressLimits limits, int atOnce, int most) {
        this.limits = limits;
        this.atOnce = atOnce;
        this.most = most;
    }

    /** A loop's share of a node. */
    static LargeMail ofOneOf(int loops, AddressLimits limits) {
        long forChunks = Runtime.getRuntime().maxMemory() / 8;
        int atOnce = (int) Math.max(2, ContentReader.CACHE_OCTETS / STRETCH_OCTETS / loops);
        return new LargeMail(limits, atOnce, (int) Math.max(4, forChunks / CHUNKS_OCTETS / loops));
    }

    /** Of a window or of connections, what large mail may take. */
    static int share(int all) {
        return Math.max(1, all / 2);
    }

    boolean hasRoom(long now) {
        return underWay.size() < most
                && (underWay.size() < atOnce
                        || underWay.values().stream()
                                        .filter(entry -> now - entry.since() < LONG_NANOS)
                                        .count()
                                < atOnce);
    }

    /**
     * A message wants to go to this address now.
     *
     * @param connections the most that there are to it
     * @return whether it may
     */
    boolean enter(Object message, InetSocketAddress address, int connections, long now) {
        leave(message, now);
        boolean may = hasRoom(now) && limits.takeLarge(address, share(connections));
        if (may) {
            underWay.put(message, new Entry(address, now));
        }
        return may;
    }

    /** It does not go there any more; whoever waited longest looks again. */
    void left(Object message, EventLoop loop, long now) {
        if (leave(message, now) != null) {
            Iterator<Runnable> longest = waiting.iterator();
            for (int i = 0; i < CALLED && longest.hasNext(); i++) {
                loop.execute(longest.next());
                longest.remove();
            }
        }
    }

    private @Nullable Entry leave(Object message, long now) {
        Entry entry = underWay.remove(message);
        if (entry != null) {
            limits.leftLarge(entry.address(), now);
        }
        return entry;
    }

    /** To be run once when there may be room. */
    void await(Runnable look) {
        waiting.add(look);
    }
}
