package org.postroad.router;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.postroad.schemas.Exchanger;

/**
 * What a router node is told.
 *
 * @param hostname Reporting-MTA of bounces, and one of our own names
 * @param ownNames further names and addresses by which exchangers may mean us; a route to them is a loop
 * @param postmaster From: of bounces
 * @param dnsServers empty for the system's
 * @param routes first match wins, before any DNS
 * @param rollUps first match wins
 * @param stateDirectory survives restarts: the parked records are restored from it
 * @param bounceLifetime how long a bounce is retried
 */
public record RouterConfig(
        String hostname,
        Set<String> ownNames,
        String postmaster,
        List<InetSocketAddress> dnsServers,
        List<ConfiguredRoute> routes,
        List<RollUp> rollUps,
        Path stateDirectory,
        Duration bounceLifetime) {

    /**
     * A route the operator wrote.
     *
     * @param domain a canonical domain, or "*" for every one
     */
    public record ConfiguredRoute(String domain, List<Exchanger> to) {
        public boolean matches(String canonicalDomain) {
            return domain.equals("*") || domain.equals(canonicalDomain);
        }
    }

    /** Domains whose best exchanger ends in the suffix share one destination. */
    public record RollUp(String exchangerSuffix, String destination) {}
}
