package org.postroad.ingress;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.postroad.ingress.IngressConfig.Listener;

/** One event loop with all that is confined to it. */
final class Desk {
    private final IngressConfig config;
    private final EventLoop loop;
    private final Intake intake;
    private final Sessions<CommandDecoder> sessions;
    private final CommandParser parser;

    Desk(IngressConfig config, EventLoop loop, Intake intake, Sessions<CommandDecoder> sessions) {
        this.config = config;
        this.loop = loop;
        this.intake = intake;
        this.sessions = sessions;
        this.parser = new CommandParser(config.postmaster());
    }

    EventLoop loop() {
        return loop;
    }

    /** Gives a new connection its session. */
    void receive(Channel channel, Listener listener, ListenerMetrics metrics) {
        assert loop.inEventLoop();
        InetAddress client = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        boolean mayRelay = listener.relayFrom().stream().anyMatch(network -> network.contains(client));
        SmtpSession.Door door = new SmtpSession.Door(listener.name(), client, mayRelay);
        channel.pipeline()
                .addLast(new CommandDecoder(
                        channel,
                        parser,
                        sessions,
                        progress -> new SmtpSession(config, metrics, door, intake, progress)));
    }

    /** Whether new messages are taken on. */
    boolean isWell() {
        assert loop.inEventLoop();
        return intake.refusal() == null;
    }

    /** Ends every session, those that hold a message after its answer. */
    void close() {
        assert loop.inEventLoop();
        sessions.open().forEach(CommandDecoder::shutDown);
    }
}
