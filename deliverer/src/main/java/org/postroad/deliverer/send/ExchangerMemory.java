package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postroad.deliverer.smtp.Endpoint;

/**
 * What is remembered of addresses between deliveries: which failed lately, which cannot do TLS, at which a message may
 * ride; time is an argument.
 */
final class ExchangerMemory {
    /** Long enough to spare others the wait for a dead address, short enough to notice that it is back. */
    static final long DEAD_NANOS = Duration.ofSeconds(60).toNanos();

    static final long CLEAR_NANOS = Duration.ofHours(1).toNanos();
    private static final int ENTRIES = CacheBudget.ofLoop(CacheBudget.ADDRESSES);

    private final Map<InetSocketAddress, Long> deadUntil = new Bounded<>();
    private final Map<InetSocketAddress, Long> clearUntil = new Bounded<>();
    private final Map<InetSocketAddress, DotCrossing> crossings = new Bounded<>();

    void failed(InetSocketAddress address, long now) {
        deadUntil.put(address, now + DEAD_NANOS);
    }

    void worked(InetSocketAddress address) {
        if (!deadUntil.isEmpty()) {
            deadUntil.remove(address);
        }
    }

    boolean isDead(InetSocketAddress address, long now) {
        Long until = deadUntil.get(address);
        return until != null && now - until < 0;
    }

    void tlsFailed(InetSocketAddress address, long now) {
        clearUntil.put(address, now + CLEAR_NANOS);
    }

    boolean isWithoutTls(InetSocketAddress address, long now) {
        Long until = clearUntil.get(address);
        return until != null && now - until < 0;
    }

    /** It is the exchanger that can or cannot, whatever destinations' mail it takes. */
    DotCrossing crossing(Endpoint endpoint) {
        return crossings.computeIfAbsent(endpoint.address(), a -> new DotCrossing());
    }

    /** Forgets what was learned longest ago. */
    private static final class Bounded<V> extends LinkedHashMap<InetSocketAddress, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, V> eldest) {
            return size() > ENTRIES;
        }
    }
}
