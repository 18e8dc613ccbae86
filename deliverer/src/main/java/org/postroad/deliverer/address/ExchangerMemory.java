package org.postroad.deliverer.address;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.schemas.TlsPolicy;

/**
 * What is remembered of addresses between deliveries: which failed lately, which did TLS, at which a message may
 * ride; time is an argument.
 */
public final class ExchangerMemory {
    /** Long enough to spare others the wait for a dead address, short enough to notice that it is back. */
    static final long DEAD_NANOS = Duration.ofSeconds(60).toNanos();

    /** Where TLS worked so lately its failure is an accident or an attack, and no reason to go in clear. */
    static final long TLS_NANOS = Duration.ofHours(4).toNanos();

    private static final int ENTRIES = CacheBudget.ofLoop(CacheBudget.ADDRESSES);

    private final AddressFamilies families;
    private final Map<InetSocketAddress, Long> deadUntil = new Bounded<>();
    private final Map<InetSocketAddress, Long> tlsUntil = new Bounded<>();
    private final Map<InetSocketAddress, RideTrust> rideTrust = new Bounded<>();

    /** @param families hear of every connection that opens or fails to */
    public ExchangerMemory(AddressFamilies families) {
        this.families = families;
    }

    public void notOpened(InetSocketAddress address, Breakdown why, long now) {
        families.notOpened(address.getAddress(), why, now);
        failed(address, now);
    }

    public void failed(InetSocketAddress address, long now) {
        deadUntil.put(address, now + DEAD_NANOS);
    }

    public void opened(InetSocketAddress address, boolean encrypted, long now) {
        families.worked(address.getAddress());
        if (!deadUntil.isEmpty()) {
            deadUntil.remove(address);
        }
        if (encrypted) {
            tlsUntil.put(address, now + TLS_NANOS);
        }
    }

    boolean isDead(InetSocketAddress address, long now) {
        Long until = deadUntil.get(address);
        return until != null && now - until < 0;
    }

    /** Whether an attempt that could not have TLS there may go on without; the next message asks for TLS again. */
    public boolean mayGoInClear(Endpoint endpoint, long now) {
        Long until = tlsUntil.get(endpoint.address());
        boolean hadTlsLately = until != null && now - until < 0;
        return endpoint.tls() == TlsPolicy.OPPORTUNISTIC && !hadTlsLately;
    }

    /** It is the exchanger that can or cannot, whatever destinations' mail it takes. */
    public RideTrust rideTrust(Endpoint endpoint) {
        return rideTrust.computeIfAbsent(endpoint.address(), a -> new RideTrust());
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
