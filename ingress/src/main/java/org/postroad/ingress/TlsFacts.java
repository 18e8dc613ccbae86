package org.postroad.ingress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What protects a session.
 *
 * @param protocol such as {@code TLSv1.3}
 * @param cipher by its IANA name
 */
record TlsFacts(String protocol, String cipher) {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFacts.class);

    static TlsFacts of(SSLSession session) {
        return new TlsFacts(session.getProtocol(), session.getCipherSuite());
    }

    /** What came of a handshake, which is counted; null for one that failed. */
    static @Nullable TlsFacts of(
            ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake, ListenerMetrics metrics) {
        if (!handshake.isSuccess()) {
            metrics.handshakeFailed();
            LOG.atDebug().setCause(handshake.cause()).log("a client's handshake failed");
            return null;
        }
        TlsFacts facts = of(ctx.pipeline().get(SslHandler.class).engine().getSession());
        metrics.handshake(facts.protocol());
        return facts;
    }
}
