package org.postroad.deploy.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.postroad.deploy.http.HttpListener;

/**
 * What a process tells about itself over HTTP: /metrics, /health/live, /health/ready.
 *
 * <p>One loop speaks with all clients and never waits for one; a second writes metrics, which may take long. A connection
 * serves one request and ends after 10 s; beyond 256 the oldest gives way, so those that say nothing shut nobody out.
 */
final class Endpoints implements AutoCloseable {
    private static final HttpListener.Terms TERMS = new HttpListener.Terms("node.metrics-address", 256, 4_096, 8_192);
    private static final long LIMIT_SECONDS = 10;

    /** More scrapes than this at once are turned away: their texts would pile up. */
    private static final int MOST_SCRAPES = 8;

    private final EventLoopGroup scraping = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("postroad-metrics", true), NioIoHandler.newFactory());
    private final CollectorRegistry registry;
    private final BooleanSupplier live;
    private final BooleanSupplier ready;

    /** Of the loop that speaks. */
    private int scrapes;

    private final HttpListener listener;

    private Endpoints(
            InetSocketAddress address, CollectorRegistry registry, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        this.registry = registry;
        this.live = live;
        this.ready = ready;
        this.listener = listen(address);
    }

    /**
     * Serves at once.
     *
     * @param live false makes Kubernetes restart the pod
     * @param ready false takes it out of its service
     * @throws BindException naming the address that is taken
     */
    static Endpoints start(
            InetSocketAddress address, CollectorRegistry registry, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        return new Endpoints(address, registry, live, ready);
    }

    InetSocketAddress address() {
        return listener.address();
    }

    @Override
    public void close() {
        listener.close();
        scraping.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private HttpListener listen(InetSocketAddress address) throws IOException {
        try {
            return HttpListener.start(address, "postroad-http", TERMS, Answers::new);
        } catch (IOException notListening) {
            scraping.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw notListening;
        }
    }

    /** One request of one client. */
    private final class Answers extends SimpleChannelInboundHandler<HttpRequest> implements HttpListener.Conversation {
        private boolean asked;

        private Answers(Channel channel) {
            var limit = channel.eventLoop().schedule(() -> channel.close(), LIMIT_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> limit.cancel(false));
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
                answer(context.channel(), HttpResponseStatus.BAD_REQUEST, "bad request\n", head);
            } else if (!head && !request.method().equals(HttpMethod.GET)) {
                answer(context.channel(), HttpResponseStatus.METHOD_NOT_ALLOWED, "", head);
            } else {
                switch (new QueryStringDecoder(request.uri()).rawPath()) {
                    case "/metrics" -> scrape(context.channel(), head);
                    case "/health/live" -> health(context.channel(), live.getAsBoolean(), head);
                    case "/health/ready" -> health(context.channel(), ready.getAsBoolean(), head);
                    default -> answer(context.channel(), HttpResponseStatus.NOT_FOUND, "no such page\n", head);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private void scrape(Channel channel, boolean head) {
        if (scrapes >= MOST_SCRAPES) {
            answer(channel, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many at once\n", head);
            return;
        }
        scrapes++;
        // It counts until its text has left or its client is gone: that is what is held in memory.
        channel.closeFuture().addListener(closed -> scrapes--);
        scraping.execute(() -> {
            if (!channel.isActive()) {
                return;
            }
            try {
                StringWriter text = new StringWriter();
                TextFormat.write004(text, registry.metricFamilySamples());
                answer(channel, HttpResponseStatus.OK, text.toString(), head);
            } catch (IOException | RuntimeException fault) {
                answer(channel, HttpResponseStatus.INTERNAL_SERVER_ERROR, "metrics failed: " + fault + "\n", head);
            }
        });
    }

    private static void health(Channel channel, boolean well, boolean head) {
        answer(
                channel,
                well ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                well ? "yes\n" : "no\n",
                head);
    }

    private static void answer(Channel channel, HttpResponseStatus status, String text, boolean head) {
        byte[] octets = text.getBytes(UTF_8);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(octets));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, TextFormat.CONTENT_TYPE_004) // plain text, whatever it is about
                .set(HttpHeaderNames.CONTENT_LENGTH, octets.length)
                .set(HttpHeaderNames.CONNECTION, "close");
        channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
