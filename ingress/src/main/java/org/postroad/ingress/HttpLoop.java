package org.postroad.ingress;

import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.http.StrictRequestDecoder;
import org.postroad.ingress.idempotency.LoopRequests;

/** What one event loop does for those who post mail by HTTP; confined to it. */
final class HttpLoop {
    private final IngressConfig config;
    private final IngressMetrics metrics;
    private final Certificates certificates;
    private final Intake intake;
    private final Logins logins;
    private final Composing composing;
    private final LoopRequests requests;
    private final Sessions<HttpConnection> connections;
    private boolean closes;

    /** @param logins those of SMTP, so that guesses by both count together */
    HttpLoop(
            IngressConfig config,
            IngressMetrics metrics,
            Certificates certificates,
            Intake intake,
            Logins logins,
            Composing composing,
            LoopRequests requests,
            Sessions<HttpConnection> connections) {
        this.config = config;
        this.metrics = metrics;
        this.certificates = certificates;
        this.intake = intake;
        this.logins = logins;
        this.composing = composing;
        this.requests = requests;
        this.connections = connections;
    }

    /** Serves a new connection. */
    void serve(Channel channel, Listener listener, ListenerMetrics ofListener) {
        assert intake.loop().inEventLoop();
        InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        if (Network.anyContains(listener.proxyFrom(), peer)) {
            channel.pipeline()
                    .addLast(new HAProxyMessageDecoder())
                    .addLast(new ProxiedClient(listener, peer, client -> serve(channel, client, ofListener)));
        } else {
            serve(channel, Admission.of(listener, peer), ofListener);
        }
    }

    private void serve(Channel channel, Admission client, ListenerMetrics ofListener) {
        HttpParts parts = new HttpParts(
                config,
                ofListener,
                metrics.httpRequests(),
                certificates,
                intake,
                logins,
                composing,
                requests,
                connections,
                () -> closes);
        if (client.listener().tls() == Tls.IMPLICIT) {
            channel.pipeline().addLast(certificates.newHandler(client.listener()));
        }
        channel.pipeline()
                .addLast(new StrictRequestDecoder())
                .addLast(new HttpResponseEncoder())
                .addLast(new HttpConnection(channel, client, parts));
    }

    /** Ends every connection, those that wait for Kafka after their answer. */
    void close() {
        assert intake.loop().inEventLoop();
        closes = true;
        connections.open().forEach(HttpConnection::shutDown);
    }
}
