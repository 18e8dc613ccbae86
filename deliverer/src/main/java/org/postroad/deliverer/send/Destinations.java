package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import io.prometheus.client.CollectorRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.address.AddressFamilies;
import org.postroad.deliverer.address.CacheBudget;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.TlsUpgrade;
import org.postroad.schemas.dns.NameServers;

/**
 * All destinations of a node, spread over event loops: takes deliveries and gives back one outcome for each recipient.
 *
 * <p>Safe for every thread; a destination is always the same loop's, so nothing of it is shared. Loops share only how many connections
 * each exchanger has.
 */
public final class Destinations implements Dispatch, AutoCloseable {
    /** Of a node, within the file descriptors that a container usually has (8,192). */
    private static final int CONNECTIONS = 5_000;

    private final DelivererConfig config;
    private final List<LoopDestinations> perLoop = new ArrayList<>();

    /**
     * Over these event loops, which it ends with itself.
     *
     * @param bootstraps how each of them connects
     * @param chance for each of them
     */
    Destinations(
            NodeParts node,
            List<EventLoop> loops,
            Function<EventLoop, Bootstrap> bootstraps,
            NodeAddresses addresses,
            Supplier<RandomGenerator> chance) {
        this.config = node.config();
        int connections = CONNECTIONS / loops.size();
        for (EventLoop loop : loops) {
            perLoop.add(new LoopDestinations(node, loop, bootstraps.apply(loop), connections, addresses, chance.get()));
        }
    }

    public static Destinations start(
            DelivererConfig config,
            Completions completions,
            Lease lease,
            ContentSource content,
            Recoveries recoveries,
            CollectorRegistry metrics,
            Clock clock) {
        return start(config, completions, lease, content, recoveries, metrics, clock, TlsUpgrade.create());
    }

    /** With TLS of one's own. */
    static Destinations start(
            DelivererConfig config,
            Completions completions,
            Lease lease,
            ContentSource content,
            Recoveries recoveries,
            CollectorRegistry metrics,
            Clock clock,
            TlsUpgrade tls) {
        return start(new NodeParts(
                config, completions, lease, content, recoveries, new SendMetrics(metrics), tls, ownAddresses(), clock));
    }

    private static Destinations start(NodeParts node) {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                DelivererConfig.LOOPS, new DefaultThreadFactory("deliverer-loop"), io());
        NodeAddresses addresses = new NodeAddresses(
                new AddressLimits(CacheBudget.ADDRESSES),
                new AddressFamilies(),
                NameServers.of(node.config().dnsServers()));
        List<EventLoop> loops =
                Stream.generate(group::next).limit(DelivererConfig.LOOPS).toList();
        return new Destinations(node, loops, loop -> bootstrap(node, loop), addresses, SplittableRandom::new);
    }

    static IoHandlerFactory io() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    static Bootstrap bootstrap(NodeParts node, EventLoop loop) {
        Class<? extends Channel> channel = Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(channel)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.AUTO_CLOSE, false) // a reply may explain why it stopped reading
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        TimeUnit.NANOSECONDS.toMillis(Step.CONNECT.limitNanos()));
        InetAddress from = node.config().source().address();
        return from == null ? bootstrap : bootstrap.localAddress(new InetSocketAddress(from, 0));
    }

    /** Those that mail must not be sent to because a stranger's MX host names them. */
    private static Set<InetAddress> ownAddresses() {
        try {
            Set<InetAddress> own = new HashSet<>();
            NetworkInterface.networkInterfaces()
                    .forEach(nic -> nic.inetAddresses().forEach(own::add));
            return Set.copyOf(own);
        } catch (SocketException e) {
            return Set.of();
        }
    }

    @Override
    public void start(OpenDelivery delivery) {
        int hash = delivery.delivery().getDestination().hashCode() * 31
                + delivery.delivery().getShard();
        LoopDestinations one = perLoop.get(Math.floorMod(hash, perLoop.size()));
        one.loop().execute(() -> one.accept(delivery));
    }

    @Override
    public void revoke(Set<TopicPartition> partitions) {
        Set<TopicPartition> leaving = Set.copyOf(partitions);
        perLoop.forEach(one -> one.loop().execute(() -> one.revoke(leaving)));
    }

    @Override
    public void abandon(Set<TopicPartition> partitions) {
        Set<TopicPartition> leaving = Set.copyOf(partitions);
        perLoop.forEach(one -> one.loop().execute(() -> one.abandon(leaving)));
    }

    @Override
    public void limits(Limits limits) {
        perLoop.forEach(one -> one.loop().execute(() -> one.limits(limits)));
    }

    @Override
    public void relieve() {
        askForFullest(0, LoopDestinations.Fullest.NONE);
    }

    /** Loop after loop, so that none looks at another's destinations. */
    private void askForFullest(int index, LoopDestinations.Fullest found) {
        if (index < perLoop.size()) {
            LoopDestinations one = perLoop.get(index);
            one.loop().execute(() -> askForFullest(index + 1, one.fuller(found)));
            return;
        }
        LoopDestinations owner = found.loop();
        Destination fullest = found.destination();
        if (owner != null && fullest != null) {
            owner.loop().execute(fullest::relieve);
        }
    }

    /** Gives back what was not started, waits a bounded time for what is past its dot, and says QUIT. */
    @Override
    public void close() {
        List<Promise<Void>> quiet = new ArrayList<>();
        for (LoopDestinations one : perLoop) {
            Promise<Void> promise = one.loop().newPromise();
            quiet.add(promise);
            one.loop().execute(() -> one.close(promise));
        }
        EventLoopGroup loops = perLoop.get(0).loop().parent();
        Ticker ticker = loops.ticker();
        long deadline = ticker.nanoTime() + config.drainLimit().toNanos();
        for (Promise<Void> promise : quiet) {
            promise.awaitUninterruptibly(Math.max(1, deadline - ticker.nanoTime()), TimeUnit.NANOSECONDS);
        }
        perLoop.forEach(one -> one.loop().execute(one::closeNow));
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
