package org.postroad.ingress;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.UnfitFileException;
import org.postroad.ingress.auth.UsersFile;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.hook.Hooks;
import org.postroad.ingress.idempotency.Requests;
import org.postroad.ingress.quota.Quotas;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.ControlReader;
import org.postroad.schemas.policy.Policies;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An ingress node: listens for SMTP and HTTP and answers 250, or 202, for what Kafka has. */
public final class Ingress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ingress.class);
    private static final int REPLIES_LOW_OCTETS = 4 * 1024;
    private static final int REPLIES_HIGH_OCTETS = 16 * 1024;
    private static final int BACKLOG = 1024;

    /** How long certificates and users that have changed are not yet known. */
    private static final int REFRESH_SECONDS = 5;

    private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(5);

    /** Messages past their dot get their answer within this when the node closes. */
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final EventLoops loops;
    private final Producer<byte[], byte[]> producer;
    private final IngressMetrics metrics;
    private final Map<EventLoop, IngressLoop> ingressLoops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Future<?> refreshing;
    private final @Nullable Credentials credentials;
    private final Quotas quotas;
    private final Requests requests;
    private final BrokerDisks disks;
    private final ControlReader controlReader;
    private final Composing composing;
    private final List<Channel> listening = new ArrayList<>();
    private final List<Channel> listeningForHttp = new ArrayList<>();

    private Ingress(EventLoops loops, SessionLoops parts, ControlReader controlReader) {
        this.loops = loops;
        this.producer = parts.producer();
        this.metrics = parts.metrics();
        this.refreshing = GlobalEventExecutor.INSTANCE.scheduleWithFixedDelay(
                parts::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
        this.credentials = parts.credentials();
        this.quotas = parts.quotas();
        this.requests = parts.requests();
        this.disks = parts.disks();
        this.controlReader = controlReader;
        this.composing = parts.composing();
        this.ingressLoops = loops.all().stream().collect(Collectors.toMap(loop -> loop, parts::on));
    }

    /**
     * Reads the files that the configuration names, and nothing else.
     *
     * @throws UnfitFileException naming the one that could not be used
     */
    public static void checkFiles(IngressConfig config) throws UnfitFileException {
        new Certificates(config.certificates(), config.listeners());
        if (config.usersFile() != null) {
            new UsersFile(config.usersFile());
        }
    }

    /**
     * Starts listening once everything a first message needs is at hand.
     *
     * @throws BindException naming the address that cannot be listened on
     * @throws UnfitFileException naming the file
     */
    public static Ingress start(
            IngressConfig config, KafkaSettings kafka, Topics topics, KnownSchemas schemas, CollectorRegistry registry)
            throws BindException, UnfitFileException {
        Certificates certificates = new Certificates(config.certificates(), config.listeners());
        UsersFile users = config.usersFile() == null ? null : new UsersFile(config.usersFile());
        Credentials credentials = users == null ? null : new Credentials(users);
        new ControlTopic(kafka, topics, schemas).publishSchemas();
        ProtocolLog protocolLog = new ProtocolLog();
        ControlReader controlReader = controlReader(kafka, topics, schemas, protocolLog);
        controlReader.begin();
        Producer<byte[], byte[]> producer = IngressProducer.open(kafka, topics);
        EventLoops loops = EventLoops.start();
        IngressMetrics metrics = new IngressMetrics(registry);
        SessionLoops parts = SessionLoops.of(
                config,
                topics,
                schemas,
                producer,
                metrics,
                certificates,
                credentials,
                Quotas.of(config.quotas(), user -> config.termsOf(user).tenant(), topics, schemas, registry),
                new Requests(topics, schemas, registry),
                BrokerDisks.of(kafka, topics),
                new Hooks(hooks(config), registry),
                protocolLog,
                loops.all().size());
        new Thread(controlReader, "postroad-ingress-control").start();
        Ingress ingress = new Ingress(loops, parts, controlReader);
        ingress.disks.follow();
        ingress.listen(config, () -> ingress.follow(config, kafka, topics, schemas));
        return ingress;
    }

    /** Comes to know what is used and which requests there were. */
    private void follow(IngressConfig config, KafkaSettings kafka, Topics topics, KnownSchemas schemas) {
        quotas.follow(kafka, topics, schemas, producer);
        if (!config.httpListeners().isEmpty()) {
            requests.follow(kafka, topics, schemas);
        }
    }

    private static Map<String, List<Hook>> hooks(IngressConfig config) {
        return Stream.concat(config.listeners().stream(), config.httpListeners().stream())
                .collect(Collectors.toMap(IngressConfig.Listener::name, listener -> listener.handling()
                        .hooks()));
    }

    private static ControlReader controlReader(
            KafkaSettings kafka, Topics topics, KnownSchemas schemas, ProtocolLog protocolLog) {
        return new ControlReader(
                new KafkaConsumer<>(kafka.consumer("postroad-ingress-control")),
                topics.control().name(),
                schemas,
                Clock.systemUTC(),
                System::nanoTime,
                new ControlReader.Listener() {
                    @Override
                    public void changed(Policies policies) {
                        protocolLog.follow(ProtocolRules.of(policies, schemas.ignored()));
                    }

                    @Override
                    public boolean follows(Aspect aspect) {
                        return aspect == Aspect.PROTOCOL_LOG;
                    }
                });
    }

    /** Where it listens for SMTP, in the order of the configuration. */
    public List<InetSocketAddress> addresses() {
        return addresses(listening);
    }

    /** Where it listens for HTTP, in the order of the configuration. */
    public List<InetSocketAddress> httpAddresses() {
        return addresses(listeningForHttp);
    }

    private static List<InetSocketAddress> addresses(List<Channel> channels) {
        return channels.stream()
                .map(channel -> (InetSocketAddress) channel.localAddress())
                .toList();
    }

    /** Whether it takes messages on: it listens, and Kafka answers. Not to be asked on an event loop. */
    public boolean isReady() {
        return listening.stream().allMatch(Channel::isOpen)
                && listeningForHttp.stream().allMatch(Channel::isOpen)
                && allAnswer(IngressLoop::isWell);
    }

    /** Whether its event loops turn, whatever Kafka does. Not to be asked on an event loop. */
    public boolean isLive() {
        return quotas.isLive() && requests.isLive() && allAnswer(loop -> true);
    }

    /** Stops accepting, answers for messages past their dot, ends the other sessions with 421. */
    @Override
    public void close() {
        refreshing.cancel(false);
        controlReader.close();
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        listeningForHttp.forEach(channel -> channel.close().awaitUninterruptibly());
        ingressLoops.values().forEach(one -> one.loop().submit(one::close).awaitUninterruptibly());
        connections.newCloseFuture().awaitUninterruptibly(FAREWELL.toMillis());
        connections.close().awaitUninterruptibly();
        quotas.close();
        requests.close();
        disks.close();
        producer.close(FAREWELL);
        if (credentials != null) {
            credentials.close();
        }
        composing.close();
        loops.close();
        LOG.atInfo().log("ingress closed");
    }

    /** @param first what has to be known before mail comes */
    private void listen(IngressConfig config, Runnable first) throws BindException {
        try {
            first.run();
            for (IngressConfig.Listener listener : config.listeners()) {
                listening.add(listen(listener, sessions(listener)));
            }
            for (IngressConfig.Listener listener : config.httpListeners()) {
                listeningForHttp.add(listen(listener, http(listener)));
            }
        } catch (BindException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Looks whether all listeners can be had now, before anything is started for them.
     *
     * @throws BindException naming the first that cannot
     */
    public static void requireFreeAddresses(IngressConfig config) throws BindException {
        List<IngressConfig.Listener> all = new ArrayList<>(config.listeners());
        all.addAll(config.httpListeners());
        for (IngressConfig.Listener listener : all) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(resolved(listener.address()));
            } catch (IOException taken) {
                throw inUse(listener, taken);
            }
        }
    }

    private static BindException inUse(IngressConfig.Listener listener, Throwable cause) {
        InetSocketAddress wanted = listener.address();
        BindException inUse = new BindException("cannot listen on " + wanted.getHostString() + ":" + wanted.getPort()
                + " (listener " + listener.name() + "): " + cause.getMessage());
        inUse.initCause(cause);
        return inUse;
    }

    private static InetSocketAddress resolved(InetSocketAddress wanted) {
        return wanted.isUnresolved() ? new InetSocketAddress(wanted.getHostString(), wanted.getPort()) : wanted;
    }

    private Channel listen(IngressConfig.Listener listener, ChannelInitializer<Channel> serving) throws BindException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // A client may end its side after QUIT, or after the dot, and still want the replies.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(REPLIES_LOW_OCTETS, REPLIES_HIGH_OCTETS))
                .childHandler(serving)
                .bind(resolved(listener.address()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw inUse(listener, bound.cause());
        }
        LOG.atInfo()
                .addKeyValue("listener", listener.name())
                .addKeyValue("address", bound.channel().localAddress())
                .log("ingress listens");
        warnOfTranslatedAddresses(listener);
        return bound.channel();
    }

    private static void warnOfTranslatedAddresses(IngressConfig.Listener listener) {
        List<Network> doubtful = TranslatedAddresses.trustedBy(listener);
        if (!doubtful.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("listener", listener.name())
                    .addKeyValue("relayFrom", doubtful)
                    .log(
                            "a public listener relays for private networks: where addresses are translated on the way, anybody may"
                                    + " seem to come from them; see proxy-from");
        }
    }

    private ChannelInitializer<Channel> sessions(IngressConfig.Listener listener) {
        ListenerMetrics its = metrics.listener(listener.name());
        return serving((loop, channel) -> loop.smtp().serve(channel, listener, its));
    }

    private ChannelInitializer<Channel> http(IngressConfig.Listener listener) {
        ListenerMetrics its = metrics.listener(listener.name());
        return serving((loop, channel) -> loop.http().serve(channel, listener, its));
    }

    private ChannelInitializer<Channel> serving(BiConsumer<IngressLoop, Channel> server) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                connections.add(channel);
                IngressLoop loop = ingressLoops.get(channel.eventLoop());
                if (loop == null) {
                    throw new IllegalStateException("a connection on an unknown event loop");
                }
                server.accept(loop, channel);
            }
        };
    }

    private boolean allAnswer(Function<IngressLoop, Boolean> question) {
        return ingressLoops.values().stream().allMatch(loop -> answers(loop, () -> question.apply(loop)));
    }

    private static boolean answers(IngressLoop loop, Callable<Boolean> question) {
        try {
            Future<Boolean> answer = loop.loop().submit(question);
            return answer.awaitUninterruptibly(HEALTH_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    && answer.isSuccess()
                    && answer.getNow();
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }
}
