package org.postroad.ingress;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.prometheus.client.Counter;
import java.util.concurrent.TimeUnit;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.http.Answer;

/** Writes answers to one client; confined to its channel's event loop. */
final class HttpAnswering {
    /** How long what comes behind a last answer is read and dropped: to close at once would take the answer from the client. */
    private static final int FAREWELL_SECONDS = 2;

    private final Channel channel;
    private final Counter requests;
    private final String listener;
    private boolean lastIsSaid;

    HttpAnswering(Channel channel, Counter requests, Listener listener) {
        this.channel = channel;
        this.requests = requests;
        this.listener = listener.name();
    }

    /** The client may send its body (RFC 9110 section 10.1.1). */
    void goAhead() {
        var unused = channel.writeAndFlush(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    /**
     * @param last whether nothing more is taken on this connection
     * @param bodyless whether it answers HEAD
     */
    ChannelFuture say(Answer answer, boolean last, boolean bodyless) {
        requests.labels(listener, Integer.toString(answer.status())).inc();
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                bodyless ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.type())
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (answer.retryAfterSeconds() > 0) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, answer.retryAfterSeconds());
        }
        if (answer.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"postroad\", charset=\"UTF-8\"");
        }
        if (!answer.allows().isEmpty()) {
            response.headers().set(HttpHeaderNames.ALLOW, answer.allows());
        }
        if (last) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        return channel.writeAndFlush(response);
    }

    /** Closes once the client has had time to read the last answer. */
    void endAfterFarewell() {
        lastIsSaid = true;
        if (channel.pipeline().get(SslHandler.class) == null && channel instanceof DuplexChannel duplex) {
            var unused = duplex.shutdownOutput();
        }
        var unused = channel.eventLoop().schedule((Runnable) channel::close, FAREWELL_SECONDS, TimeUnit.SECONDS);
    }

    /** Its client has ended its side too. */
    void endIfSaid() {
        if (lastIsSaid) {
            var unused = channel.close();
        }
    }
}
