package org.postroad.ingress;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.auth.Credentials;

/** One event loop with all that is confined to it. */
final class SessionLoop {
    private final IngressConfig config;
    private final EventLoop loop;
    private final Intake intake;
    private final Sessions<SessionHandler> sessions;
    private final Certificates certificates;
    private final Logins logins;
    private final CommandParser parser;
    private final ProtocolLog protocolLog;

    SessionLoop(
            IngressConfig config,
            EventLoop loop,
            Intake intake,
            Sessions<SessionHandler> sessions,
            Certificates certificates,
            @Nullable Credentials credentials,
            ProtocolLog protocolLog) {
        this.config = config;
        this.loop = loop;
        this.intake = intake;
        this.sessions = sessions;
        this.certificates = certificates;
        this.logins = new Logins(credentials, loop);
        this.parser = new CommandParser(config.postmaster());
        this.protocolLog = protocolLog;
    }

    Logins logins() {
        return logins;
    }

    EventLoop loop() {
        return loop;
    }

    /** Gives a new connection its session. */
    void serve(Channel channel, Listener listener, ListenerMetrics metrics) {
        assert loop.inEventLoop();
        InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        if (Network.anyContains(listener.proxyFrom(), peer)) {
            channel.pipeline()
                    .addLast(new HAProxyMessageDecoder())
                    .addLast(new ProxiedClient(listener, peer, client -> serve(channel, client, metrics)));
        } else {
            serve(channel, Admission.of(listener, peer), metrics);
        }
    }

    private void serve(Channel channel, Admission client, ListenerMetrics metrics) {
        SessionParts parts =
                new SessionParts(config, metrics, certificates, parser, intake, logins, sessions, protocolLog);
        if (client.listener().tls() == Tls.IMPLICIT) {
            channel.pipeline().addLast(certificates.newHandler(client.listener()));
        }
        channel.pipeline().addLast(new SessionHandler(channel, client, parts));
    }

    /** Whether new messages are taken on. */
    boolean isWell() {
        assert loop.inEventLoop();
        return intake.refusal() == null;
    }

    /** Ends every session, those that hold a message after its answer. */
    void close() {
        assert loop.inEventLoop();
        sessions.open().forEach(SessionHandler::shutDown);
    }
}
