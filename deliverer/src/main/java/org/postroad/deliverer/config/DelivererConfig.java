package org.postroad.deliverer.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a deliverer node is told.
 *
 * @param port of exchangers whose route names none
 * @param limits first match wins; {@link Limit#DEFAULT} where none does
 * @param allowLocalExchangers whether exchangers found by DNS may have loopback, private or own addresses
 * @param dnsServers empty for the system's
 * @param drainLimit how long mail past its final dot may take to be answered when its partition leaves
 */
public record DelivererConfig(
        int port,
        List<Source> sources,
        List<Limit> limits,
        boolean allowLocalExchangers,
        List<InetSocketAddress> dnsServers,
        RetryConfig retry,
        Duration drainLimit) {

    /** Event loops of a node. Two saturate two cores together with the poller; more only where there are more. */
    public static final int LOOPS = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors() / 2 + 1));

    /** The first; which mail leaves by which other is a policy that does not exist yet. */
    public Source source() {
        return sources.get(0);
    }
}
