package org.postroad.ingress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What protects a session.
 *
 * @param protocol such as {@code TLSv1.3}
 * @param cipher by its IANA name
 * @param clientNames those in the client's certificate, if somebody whom the listener names has vouched for it
 */
record TlsFacts(String protocol, String cipher, List<String> clientNames) {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFacts.class);

    TlsFacts(String protocol, String cipher) {
        this(protocol, cipher, List.of());
    }

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
