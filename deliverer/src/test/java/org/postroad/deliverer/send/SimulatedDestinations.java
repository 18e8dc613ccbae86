package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.prometheus.client.CollectorRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.postroad.deliverer.address.AddressFamilies;
import org.postroad.deliverer.address.CacheBudget;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.smtp.TlsUpgrade;
import org.postroad.schemas.dns.NameServers;

/** Destinations over event loops that a simulation runs. */
public final class SimulatedDestinations {
    private static final TlsUpgrade TLS = TlsUpgrade.create();
    private static final NameServers NO_DNS = NameServers.of(List.of());

    private SimulatedDestinations() {}

    public static Dispatch over(
            List<EventLoop> loops,
            Function<EventLoop, Bootstrap> bootstraps,
            DelivererConfig config,
            Completions completions,
            Lease lease,
            ContentSource content,
            Recoveries recoveries,
            Clock clock,
            SplittableRandom chance) {
        NodeParts node = new NodeParts(
                config,
                completions,
                lease,
                content,
                recoveries,
                new SendMetrics(new CollectorRegistry()),
                TLS,
                Set.of(),
                clock);
        NodeAddresses addresses =
                new NodeAddresses(new AddressLimits(CacheBudget.ADDRESSES), new AddressFamilies(), NO_DNS);
        return new Destinations(node, loops, bootstraps, addresses, chance::split);
    }
}
