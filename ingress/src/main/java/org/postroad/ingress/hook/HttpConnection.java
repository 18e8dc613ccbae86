package org.postroad.ingress.hook;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One connection of an {@link HttpHook}: one question at a time. Confined to its loop. */
final class HttpConnection extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final HttpHook hook;
    private @Nullable ChannelHandlerContext context;
    private @Nullable HttpInquiry current;
    private long idleSince;
    private boolean used;
    private boolean isOver;

    HttpConnection(HttpHook hook) {
        this.hook = hook;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    boolean isOver() {
        return isOver;
    }

    /** Nobody asks by it now; who does later takes into account that it may be closed just then. */
    void rest(long now) {
        used = true;
        idleSince = now;
    }

    /** Whether nobody has used it for long. */
    boolean isStale(long now) {
        return now - idleSince > HttpHook.MOST_IDLE_NANOS;
    }

    void ask(HttpInquiry inquiry) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || isOver) {
            inquiry.failed("it hung up");
            return;
        }
        current = inquiry;
        inquiry.isAskedOver(this);
        byte[] question = inquiry.question();
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, inquiry.address().path(), Unpooled.wrappedBuffer(question));
        request.headers()
                .set(HttpHeaderNames.HOST, inquiry.address().authority())
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, question.length);
        var unused = ctx.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
        HttpInquiry asked = current;
        if (response.decoderResult().isFailure() || asked == null) {
            end("what it says is no HTTP"); // or was not asked for
            return;
        }
        HttpResponseStatus status = response.status();
        if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            end("it switches to a protocol that nobody asked for");
            return;
        }
        if (status.codeClass() == HttpStatusClass.INFORMATIONAL) {
            return; // the answer follows (RFC 9110 section 15.2)
        }
        current = null;
        used = true;
        byte[] octets = ByteBufUtil.getBytes(response.content());
        asked.answered(status.code(), octets);
        if (HttpUtil.isKeepAlive(response)) {
            hook.free(this);
        } else {
            end("it hung up");
        }
    }

    /** The one who asked wants no answer any more, which could only be taken for that of the next. */
    void abandon() {
        current = null;
        end("abandoned");
    }

    private void end(String why) {
        HttpInquiry asked = current;
        current = null;
        if (asked != null) {
            asked.failed(why);
        }
        close();
    }

    void close() {
        if (context != null) {
            var unused = context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isOver = true;
        HttpInquiry asked = current;
        current = null;
        hook.closed(this);
        if (asked != null) {
            // One that was open for long may have been closed just when it was used; the question does no harm twice.
            if (used && asked.maySendAgain()) {
                hook.askAnew(asked);
            } else {
                asked.failed("it hung up");
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (used && cause instanceof IOException) {
            var unused = ctx.close();
        } else {
            end(String.valueOf(cause.getMessage()));
        }
    }
}
