package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards exchangers: encryption with whoever answers, or with whoever proves the exchanger's name.
 *
 * <p>Opportunistic TLS takes any certificate (RFC 7435): refusing one would only send the mail in clear.
 */
public final class TlsUpgrade {
    private final SslContext anyone;
    private final SslContext named;

    private TlsUpgrade(SslContext anyone, SslContext named) {
        this.anyone = anyone;
        this.named = named;
    }

    public static TlsUpgrade create() {
        return trusting(null);
    }

    /**
     * One that trusts these alone.
     *
     * @param authorities who may vouch for names; null for those of the JVM's trust store
     */
    public static TlsUpgrade trusting(X509Certificate @Nullable [] authorities) {
        // BoringSSL needs a third of the JDK's processor time, and a handshake holds up its whole event loop.
        SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
        try {
            SslContext anyone = SslContextBuilder.forClient()
                    .sslProvider(provider)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build();
            SslContext named = SslContextBuilder.forClient()
                    .sslProvider(provider)
                    .trustManager(authorities)
                    .endpointIdentificationAlgorithm("HTTPS")
                    .build();
            return new TlsUpgrade(anyone, named);
        } catch (SSLException e) {
            throw new IllegalStateException("TLS is not available", e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator, Endpoint endpoint) {
        SslContext context =
                switch (endpoint.tls()) {
                    case NONE, OPPORTUNISTIC, REQUIRED -> anyone;
                    case VERIFIED, UNKNOWN -> named;
                };
        SslHandler handler = context.newHandler(
                allocator, endpoint.host(), endpoint.address().getPort());
        handler.setHandshakeTimeoutMillis(Step.HANDSHAKE.limitNanos() / 1_000_000);
        return handler;
    }
}
