package org.postroad.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.broker.PortInUseException;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** A name server on loopback, over UDP and TCP, that answers from a zone text and fails for chosen names. */
public final class ZoneDns implements AutoCloseable {
    /** What UDP carries for a client that says nothing of EDNS (RFC 1035 section 4.2.1). */
    private static final int PLAIN_UDP_SIZE = 512;

    private static final int LARGEST_MESSAGE = 65_535;
    private static final String ALL = "*";

    private volatile ZoneAnswers zone;
    /** By name and type, by name, or of all. */
    private final Map<String, ZoneFault> faults = new ConcurrentHashMap<>();

    private final Map<String, Integer> queries = new ConcurrentHashMap<>();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final InetSocketAddress address;

    private ZoneDns(String zoneText, int port) throws IOException {
        this.zone = new ZoneAnswers(zoneText);
        try {
            this.address = (InetSocketAddress) bound(listenTcp(port), port).localAddress();
            bound(listenUdp(), address.getPort());
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static final int PORTS_TRIED = 20;

    /** Serves master-file text, names relative to the root, on a port that is free for streams and datagrams. */
    public static ZoneDns start(String zoneText) throws IOException {
        for (int tried = 1; ; tried++) {
            try {
                return start(zoneText, 0);
            } catch (PortInUseException taken) {
                if (tried == PORTS_TRIED) { // a port that was free for streams need not be for datagrams
                    throw taken;
                }
            }
        }
    }

    public static ZoneDns start(String zoneText, int port) throws IOException {
        return new ZoneDns(zoneText, port);
    }

    public InetSocketAddress address() {
        return address;
    }

    /** Answers from another text from now on; faults stay. */
    public void replaceZone(String zoneText) throws IOException {
        zone = new ZoneAnswers(zoneText);
    }

    /** Lets queries for a name, of every type, fail. */
    public void fail(String name, ZoneFault fault) {
        faults.put(key(name(name)), fault);
    }

    public void fail(String name, ZoneFault.Kind kind) {
        fail(name, ZoneFault.of(kind));
    }

    /** Lets queries for a name and a type such as {@code AAAA} fail. */
    public void fail(String name, String type, ZoneFault.Kind kind) {
        faults.put(counted(name(name), Type.value(type)), ZoneFault.of(kind));
    }

    /** Lets queries for every name fail that does not fail in its own way. */
    public void failAll(ZoneFault.Kind kind) {
        faults.put(ALL, ZoneFault.of(kind));
    }

    public void heal(String name) {
        faults.remove(key(name(name)));
    }

    public void heal(String name, String type) {
        faults.remove(counted(name(name), Type.value(type)));
    }

    private @Nullable ZoneFault fault(Record question) {
        ZoneFault its = faults.get(counted(question.getName(), question.getType()));
        if (its == null) {
            its = faults.get(key(question.getName()));
        }
        return its == null ? faults.get(ALL) : its;
    }

    /** How many queries came, for whatever name, over UDP and TCP. */
    public int queries() {
        return queries.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many queries came for a name and a type such as {@code MX}, over UDP and TCP. */
    public int queries(String name, String type) {
        return queries.getOrDefault(counted(name(name), Type.value(type)), 0);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private ChannelFuture listenTcp(int port) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(
                                        new LengthFieldBasedFrameDecoder(LARGEST_MESSAGE + 2, 0, 2, 0, 2),
                                        new LengthFieldPrepender(2),
                                        new StreamHandler());
                    }
                })
                .bind("127.0.0.1", port)
                .awaitUninterruptibly();
    }

    private ChannelFuture listenUdp() {
        return new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(new DatagramHandler())
                .bind(address)
                .awaitUninterruptibly();
    }

    private static Channel bound(ChannelFuture future, int port) throws IOException {
        if (!future.isSuccess()) {
            throw new PortInUseException(new InetSocketAddress("127.0.0.1", port), future.cause());
        }
        return future.channel();
    }

    private final class StreamHandler extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf query) throws IOException {
            serve(ctx, query, false, octets -> ctx.writeAndFlush(Unpooled.wrappedBuffer(octets)));
        }
    }

    private final class DatagramHandler extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket query) throws IOException {
            InetSocketAddress client = query.sender();
            serve(
                    ctx,
                    query.content(),
                    true,
                    octets -> ctx.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(octets), client)));
        }
    }

    private void serve(ChannelHandlerContext ctx, ByteBuf octets, boolean datagram, Consumer<byte[]> send)
            throws IOException {
        byte[] copy = new byte[octets.readableBytes()];
        octets.readBytes(copy);
        Message query = new Message(copy);
        Record question = query.getQuestion();
        queries.merge(counted(question.getName(), question.getType()), 1, Integer::sum);
        int size = datagram ? datagramSize(query) : LARGEST_MESSAGE;
        @Nullable ZoneFault fault = fault(question);
        if (fault == null) {
            send.accept(zone.answer(query).toWire(size));
            return;
        }
        switch (fault.kind()) {
            case SERVFAIL ->
                send.accept(ZoneAnswers.blank(query, Rcode.SERVFAIL).toWire());
            case REFUSED -> send.accept(ZoneAnswers.blank(query, Rcode.REFUSED).toWire());
            case NOTIMP -> send.accept(ZoneAnswers.blank(query, Rcode.NOTIMP).toWire());
            case FORMERR -> send.accept(ZoneAnswers.blank(query, Rcode.FORMERR).toWire());
            case LAME -> send.accept(WrongAnswers.lame(query).toWire());
            case EMPTY -> send.accept(ZoneAnswers.blank(query, Rcode.NOERROR).toWire());
            case REFERRAL -> send.accept(WrongAnswers.referral(query).toWire());
            case OTHER_QUESTION -> send.accept(WrongAnswers.otherQuestion(query).toWire());
            case OTHER_NAMES -> send.accept(WrongAnswers.otherNames(query).toWire());
            case ECHO -> send.accept(copy);
            case NXDOMAIN ->
                send.accept(ZoneAnswers.blank(query, Rcode.NXDOMAIN).toWire());
            case SILENCE -> {}
            case MALFORMED ->
                send.accept(WrongAnswers.firstHalf(zone.answer(query).toWire(size)));
            case TRUNCATED ->
                send.accept(datagram ? truncated(query) : zone.answer(query).toWire(LARGEST_MESSAGE));
            case TRUNCATED_THEN_SILENCE, TRUNCATED_THEN_CLOSED -> {
                if (datagram) {
                    send.accept(truncated(query));
                } else if (fault.kind() == ZoneFault.Kind.TRUNCATED_THEN_CLOSED) {
                    ctx.close();
                }
            }
            case LATE ->
                ctx.executor()
                        .schedule(
                                () -> send.accept(zone.answer(query).toWire(size)),
                                fault.delay().toNanos(),
                                TimeUnit.NANOSECONDS);
        }
    }

    private static byte[] truncated(Message query) {
        return WrongAnswers.truncated(query).toWire();
    }

    private static int datagramSize(Message query) {
        OPTRecord edns = query.getOPT();
        return edns == null ? PLAIN_UDP_SIZE : Math.max(PLAIN_UDP_SIZE, edns.getPayloadSize());
    }

    private static String counted(Name name, int type) {
        return key(name) + " " + Type.string(type);
    }

    private static String key(Name name) {
        return name.canonicalize().toString();
    }

    private static Name name(String name) {
        try {
            return Name.fromString(name, Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a domain name: " + name, e);
        }
    }
}
