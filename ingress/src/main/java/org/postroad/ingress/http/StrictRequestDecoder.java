package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Netty's decoder, which leaves a request with two ways to tell its length as it is, for {@link RequestHead} to refuse, and is not given
 * what it reads more generously than a proxy before it might (RFC 9112): empty lines of a lone LF before a request, folded header fields,
 * and sizes of chunks with anything else in their line.
 */
public final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Of the request line, and of all header fields together: some 300 recipients in a query. */
    static final int MOST_OCTETS = 16 * 1024;

    private static final int CHUNK_OCTETS = 64 * 1024;

    /** RFC 9112 section 7.1. */
    private static final Pattern SIZE_LINE = Pattern.compile("([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?\r\n");

    /** What Netty takes for neither a request line nor a size, and nothing behind it for anything. */
    private static final byte[] UNFIT = "zz\r\n\r\n".getBytes(ISO_8859_1);

    private Next next = Next.REQUEST;

    /** Of a chunk with its size line and the line end behind it, what has not come yet. */
    private long chunkLeft;

    private boolean folded;

    /** What is read next. */
    private enum Next {
        REQUEST,
        HEAD,
        SIZE,
        CHUNK,
        /** A body of known length, or what follows the last chunk. */
        REST,
        /** Nothing any more. */
        NOTHING
    }

    public StrictRequestDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MOST_OCTETS)
                .setMaxHeaderSize(MOST_OCTETS)
                .setMaxChunkSize(CHUNK_OCTETS)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (next == Next.REQUEST && !beginsRequest(in) || next == Next.SIZE && !beginsChunk(in)) {
            return;
        }
        if (next == Next.NOTHING) {
            super.decode(ctx, Unpooled.wrappedBuffer(UNFIT), out);
            in.skipBytes(in.readableBytes());
            return;
        }
        int from = in.readerIndex();
        int known = out.size();
        super.decode(ctx, in, out);
        if (next == Next.HEAD) {
            folded |= isFolded(in, from);
        } else if (next == Next.CHUNK) {
            chunkLeft -= in.readerIndex() - from;
            next = chunkLeft > 0 ? Next.CHUNK : Next.SIZE;
        }
        for (Object part : out.subList(known, out.size())) {
            follow(part);
        }
    }

    /** Skips empty lines (RFC 9112 section 2.2); whether there is more. */
    private boolean beginsRequest(ByteBuf in) {
        while (in.readableBytes() > 1
                && in.getByte(in.readerIndex()) == '\r'
                && in.getByte(in.readerIndex() + 1) == '\n') {
            in.skipBytes(2);
        }
        if (!in.isReadable() || in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r') {
            return false;
        }
        folded = false;
        next = in.getByte(in.readerIndex()) > ' ' ? Next.HEAD : Next.NOTHING;
        return true;
    }

    /** Whether the whole size line is there. */
    private boolean beginsChunk(ByteBuf in) {
        int lineEnd = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (lineEnd < 0) {
            next = in.readableBytes() > MOST_OCTETS ? Next.NOTHING : Next.SIZE;
            return next == Next.NOTHING;
        }
        int length = lineEnd + 1 - in.readerIndex();
        var line = SIZE_LINE.matcher(in.toString(in.readerIndex(), length, ISO_8859_1));
        if (!line.matches()) {
            next = Next.NOTHING;
        } else {
            long size = Long.parseLong(line.group(1), 16);
            chunkLeft = length + size + 2;
            next = size == 0 ? Next.REST : Next.CHUNK;
        }
        return true;
    }

    /** Whether one of the lines that were read goes on with the one before: Netty reads whole lines of a head. */
    private static boolean isFolded(ByteBuf in, int from) {
        for (int line = from; line >= 0 && line < in.readerIndex(); ) {
            byte first = in.getByte(line);
            if (first == ' ' || first == '\t') {
                return true;
            }
            int end = in.indexOf(line, in.readerIndex(), (byte) '\n');
            line = end < 0 ? end : end + 1;
        }
        return false;
    }

    private void follow(Object part) {
        if (part instanceof HttpMessage head) {
            if (folded) {
                head.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("a folded header field")));
            }
            next = HttpUtil.isTransferEncodingChunked(head) ? Next.SIZE : Next.REST;
        }
        if (part instanceof LastHttpContent) {
            next = Next.REQUEST;
        }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        // Netty would take the Content-Length out, and nobody would know of the doubt.
    }
}
