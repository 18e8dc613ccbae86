package org.postroad.ingress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what a proxy says of its client (the PROXY protocol, versions 1 and 2) before anything is said to it; stands behind Netty's
 * decoder, and goes once it knows.
 */
final class ProxiedClient extends SimpleChannelInboundHandler<HAProxyMessage> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxiedClient.class);

    /** The specification asks for three seconds at least. */
    private static final int PATIENCE_SECONDS = 10;

    private final Listener listener;
    private final InetAddress proxy;
    private final Consumer<Admission> whenKnown;
    private @Nullable Future<?> patience;

    /** @param whenKnown adds what serves the client to the pipeline */
    ProxiedClient(Listener listener, InetAddress proxy, Consumer<Admission> whenKnown) {
        this.listener = listener;
        this.proxy = proxy;
        this.whenKnown = whenKnown;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        patience = ctx.executor().schedule((Runnable) ctx::close, PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage message) {
        stopWaiting();
        whenKnown.accept(admission(message));
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    private Admission admission(HAProxyMessage message) {
        boolean isTcp = message.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
                || message.proxiedProtocol() == HAProxyProxiedProtocol.TCP6;
        String source = isTcp ? message.sourceAddress() : null;
        byte[] octets = source == null ? null : NetUtil.createByteArrayFromIpAddressString(source);
        if (octets == null) {
            return Admission.unnamed(listener, proxy); // LOCAL, UNKNOWN, or a socket of the proxy's own machine
        }
        try {
            return Admission.named(listener, InetAddress.getByAddress(octets));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + octets.length + " octets", e);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopWaiting();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).addKeyValue("proxy", proxy).log("no PROXY header came where one must");
        var unused = ctx.close();
    }

    private void stopWaiting() {
        if (patience != null) {
            patience.cancel(false);
        }
    }
}
