package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.http.HttpListener;
import org.postroad.deploy.operator.StoredEvent;

/**
 * Speaks HTTP for the observer: one event loop that reads requests and writes answers, and waits for none.
 *
 * <p>A connection serves one request; one that did not ask within 10 s is closed. Whoever follows events and reads too slowly misses
 * some, and is told how many.
 */
final class AdminServer implements AutoCloseable {
    private static final HttpListener.Terms TERMS = new HttpListener.Terms("node.admin-address", 64, 8_192, 16_384);
    private static final long ASK_WITHIN_SECONDS = 10;

    /** Who follows sees by it that the observer is there, and who is gone is found out. */
    static final long LINE_EVERY_SECONDS = 30;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final AdminRequests requests;
    private final HttpListener listener;

    private AdminServer(InetSocketAddress address, AdminRequests requests) throws IOException {
        this.requests = requests;
        this.listener = HttpListener.start(address, "postroad-admin", TERMS, Conversation::new);
    }

    static AdminServer start(InetSocketAddress address, AdminRequests requests) throws IOException {
        return new AdminServer(address, requests);
    }

    InetSocketAddress address() {
        return listener.address();
    }

    @Override
    public void close() {
        listener.close();
    }

    /** One request of one client. */
    private final class Conversation extends SimpleChannelInboundHandler<HttpRequest>
            implements HttpListener.Conversation {
        private boolean asked;

        private Conversation(Channel channel) {
            channel.eventLoop()
                    .schedule(
                            () -> {
                                if (!asked) {
                                    channel.close();
                                }
                            },
                            ASK_WITHIN_SECONDS,
                            TimeUnit.SECONDS);
        }

        @Override
        public boolean hasAsked() {
            return asked;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpRequest request) {
            if (asked) {
                return; // the answer to the first closes the connection
            }
            asked = true;
            boolean head = request.method().equals(HttpMethod.HEAD);
            if (request.decoderResult().isFailure()) {
                refuse(context.channel(), HttpResponseStatus.BAD_REQUEST, "bad request", head);
            } else if (!head && !request.method().equals(HttpMethod.GET)) {
                refuse(context.channel(), HttpResponseStatus.METHOD_NOT_ALLOWED, "GET and HEAD alone", head);
            } else {
                ask(context.channel(), request, head);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private void ask(Channel channel, HttpRequest request, boolean head) {
        try {
            AdminRequests.Asked asked = requests.of(request);
            boolean taken = asked instanceof AdminRequests.Asked.Events events
                    ? follow(channel, events.filter(), head)
                    : requests.loop()
                            .ask(
                                    ((AdminRequests.Asked.Question) asked).question(),
                                    (answer, failure) -> answered(channel, answer, failure, head));
            if (!taken) {
                refuse(
                        channel,
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "too much is asked at once, or the index has ended",
                        head);
            }
        } catch (AdminRequests.RefusedRequestException e) {
            refuse(channel, e.status(), String.valueOf(e.getMessage()), head);
        }
    }

    private static void answered(
            Channel channel, @Nullable Map<String, Object> answer, @Nullable RuntimeException failure, boolean head) {
        if (answer == null) {
            String words = failure == null ? "no answer" : String.valueOf(failure.getMessage());
            refuse(channel, HttpResponseStatus.SERVICE_UNAVAILABLE, words, head);
        } else {
            write(channel, HttpResponseStatus.OK, json(answer), head);
        }
    }

    private boolean follow(Channel channel, EventFilter filter, boolean head) {
        Following following = new Following(channel, filter);
        return requests.loop()
                .ask(
                        answers -> {
                            boolean room = !head && requests.loop().follow(following);
                            return new LinkedHashMap<>(Map.of("follows", room));
                        },
                        (answer, failure) -> {
                            if (answer == null) {
                                answered(channel, null, failure, head);
                            } else if (head || Boolean.TRUE.equals(answer.get("follows"))) {
                                begin(channel, head);
                            } else {
                                refuse(channel, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many follow", false);
                            }
                        });
    }

    static void begin(Channel channel, boolean head) {
        if (!channel.isActive()) {
            return;
        }
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/x-ndjson")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.TRANSFER_ENCODING, "chunked")
                .set(HttpHeaderNames.CONNECTION, "close");
        var written = channel.writeAndFlush(response);
        if (head) {
            written.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        var lines = channel.eventLoop()
                .scheduleAtFixedRate(
                        () -> writeLine(channel, new byte[0]),
                        LINE_EVERY_SECONDS,
                        LINE_EVERY_SECONDS,
                        TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> lines.cancel(false));
    }

    private static void writeLine(Channel channel, byte[] json) {
        channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(json, new byte[] {'\n'})));
    }

    /** Hands events on as lines; on the thread of the index. */
    private static final class Following implements IndexLoop.Follower {
        private final Channel channel;
        private final EventFilter filter;
        private long missed;

        private Following(Channel channel, EventFilter filter) {
            this.channel = channel;
            this.filter = filter;
        }

        @Override
        public boolean event(StoredEvent event, byte[] json) {
            if (!filter.fits(event)) {
                return channel.isActive();
            }
            if (!channel.isWritable()) {
                missed++;
                return channel.isActive();
            }
            if (missed > 0) {
                writeLine(channel, ("{\"missed\":" + missed + "}").getBytes(UTF_8));
                missed = 0;
            }
            writeLine(channel, json);
            return channel.isActive();
        }

        @Override
        public void ended() {
            if (channel.isActive()) {
                channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    private static void refuse(Channel channel, HttpResponseStatus status, String words, boolean head) {
        write(channel, status, json(Map.of("error", words)), head);
    }

    private static byte[] json(Map<String, ?> answer) {
        try {
            return JSON.writeValueAsBytes(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what we answer is always JSON", e);
        }
    }

    private static void write(Channel channel, HttpResponseStatus status, byte[] json, boolean head) {
        if (!channel.isActive()) {
            return; // whoever asked has gone
        }
        byte[] octets = java.util.Arrays.copyOf(json, json.length + 1);
        octets[json.length] = '\n';
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(octets));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, octets.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONNECTION, "close");
        if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
