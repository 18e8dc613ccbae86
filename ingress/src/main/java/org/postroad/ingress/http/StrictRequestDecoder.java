package org.postroad.ingress.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** Netty's decoder, which leaves a request with two ways to tell its length as it is, for {@link RequestHead} to refuse. */
public final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Of the request line, and of all header fields together: some 300 recipients in a query. */
    static final int MOST_OCTETS = 16 * 1024;

    private static final int CHUNK_OCTETS = 64 * 1024;

    public StrictRequestDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MOST_OCTETS)
                .setMaxHeaderSize(MOST_OCTETS)
                .setMaxChunkSize(CHUNK_OCTETS)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true));
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        // Netty would take the Content-Length out, and nobody would know of the doubt.
    }
}
