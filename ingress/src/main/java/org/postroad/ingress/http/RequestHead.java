package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;

/** What stands before a request's body, and what is wrong with it (RFC 9112); pure. */
public final class RequestHead {
    public static final String MESSAGES = "/v1/messages";
    public static final String OPENAPI = "/v1/openapi.json";

    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    /** What proxies are known to add: RFC 7239, RFC 9110 section 7.6.3, and what was there before. */
    private static final List<String> FORWARDED = List.of("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP");

    private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");
    private static final Pattern HOST = Pattern.compile("[!-~]*");
    private static final String GLOBAL = "message/global";

    private final HttpRequest request;
    private final HttpHeaders headers;

    /** What the body is. */
    public enum Form {
        /** A message as RFC 5322 has it. */
        RAW,
        JSON
    }

    /** Who the client says it is. */
    public record Basic(String user, byte[] password) {}

    public RequestHead(HttpRequest request) {
        this.request = request;
        this.headers = request.headers();
    }

    /**
     * Why nobody may read what follows as the body of this request: two servers could read it differently, and one of them would take
     * part of it for a request of its own. Null where there is no doubt.
     */
    public @Nullable Answer framingFault() {
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            if (cause instanceof TooLongHttpLineException) {
                return Answer.problem(414, "the request line is too long", null);
            }
            return cause instanceof TooLongHttpHeaderException
                    ? Answer.problem(431, "the header fields are too long", null)
                    : Answer.problem(400, "not a request of HTTP/1.1", null);
        }
        if (!isHttp11() && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return Answer.problem(505, "HTTP/1.1 is spoken here", null);
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        boolean chunked = codings.size() == 1 && Ascii.equalsIgnoringCase(codings.get(0), "chunked");
        if (!codings.isEmpty() && (!chunked || !lengths.isEmpty() || !isHttp11())) {
            return Answer.problem(400, "the length of the body is in doubt", "Transfer-Encoding");
        }
        if (lengths.size() > 1 || lengths.size() == 1 && !lengths.get(0).matches("[0-9]{1,18}")) {
            return Answer.problem(400, "the length of the body is in doubt", "Content-Length");
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        boolean spaced = !hosts.stream().allMatch(host -> HOST.matcher(host).matches());
        return spaced || isHttp11() && hosts.size() != 1 ? Answer.problem(400, "one Host is needed", "Host") : null;
    }

    private boolean isHttp11() {
        return request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    /** Without its query, and without the server's name that a proxy may put before it (RFC 9112 section 3.2.2). */
    public String path() {
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        int server = path.startsWith("/") ? -1 : path.indexOf("://");
        int slash = server < 0 ? 0 : path.indexOf('/', server + 3);
        return slash < 0 ? "/" : path.substring(slash);
    }

    public boolean isHead() {
        return request.method().equals(HttpMethod.HEAD);
    }

    public boolean isGet() {
        return request.method().equals(HttpMethod.GET);
    }

    public boolean isPost() {
        return request.method().equals(HttpMethod.POST);
    }

    /** Whether the client keeps the connection for another request. */
    public boolean keepsAlive() {
        boolean close = headers.containsValue(HttpHeaderNames.CONNECTION, "close", true);
        boolean keep = headers.containsValue(HttpHeaderNames.CONNECTION, "keep-alive", true);
        return isHttp11() ? !close : keep && !close;
    }

    /** Octets of the body, or -1 where they are not known yet. */
    public long contentLength() {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length != null ? Long.parseLong(length) : headers.contains(HttpHeaderNames.TRANSFER_ENCODING) ? -1 : 0;
    }

    /** Null where it expects nothing; a client of HTTP/1.0 cannot. */
    public @Nullable String expectation() {
        return isHttp11() ? headers.get(HttpHeaderNames.EXPECT) : null;
    }

    /** Whether it waits for a word before it sends the body. */
    public boolean awaitsContinue() {
        String expected = expectation();
        return expected != null && Ascii.equalsIgnoringCase(expected, "100-continue");
    }

    /** Null for a body of another kind. */
    public @Nullable Form form() {
        return switch (mediaType()) {
            case "message/rfc822", GLOBAL -> Form.RAW;
            case "application/json" -> Form.JSON;
            default -> null;
        };
    }

    /** How fast a body has to come at least, in octets a second. */
    public int leastRate() {
        return form() == Form.JSON ? RequestPatience.GATHERED_RATE : RequestPatience.STREAMED_RATE;
    }

    /** Whether it says of a message that its header section has characters beyond ASCII (RFC 6532 section 3.7). */
    boolean isGlobal() {
        return mediaType().equals(GLOBAL);
    }

    private String mediaType() {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        int parameters = type.indexOf(';');
        return Ascii.lower(Ascii.strip(parameters < 0 ? type : type.substring(0, parameters)));
    }

    public boolean isCompressed() {
        return !Ascii.equalsIgnoringCase(headers.get(HttpHeaderNames.CONTENT_ENCODING, "identity"), "identity");
    }

    /** Whether it says who the client is, in whatever form. */
    public boolean hasLogin() {
        return headers.contains(HttpHeaderNames.AUTHORIZATION);
    }

    /** Null where it does not say, or in no form that is known (RFC 7617). */
    public @Nullable Basic login() {
        List<String> all = headers.getAll(HttpHeaderNames.AUTHORIZATION);
        if (all.size() != 1 || !Ascii.startsWithIgnoringCase(all.get(0), "Basic ")) {
            return null;
        }
        try {
            byte[] octets = Base64.getDecoder().decode(Ascii.strip(all.get(0).substring(6)));
            int colon = 0;
            while (colon < octets.length && octets[colon] != ':') {
                colon++;
            }
            String user = colon == octets.length
                    ? ""
                    : UTF_8.newDecoder()
                            .decode(ByteBuffer.wrap(octets, 0, colon))
                            .toString();
            byte[] password = java.util.Arrays.copyOfRange(octets, Math.min(colon + 1, octets.length), octets.length);
            return user.isEmpty() || Controls.isIn(user) ? null : new Basic(user, password);
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return null;
        }
    }

    /** Whether a browser sends it for a page, which it always says of a POST. */
    public boolean isOfAWebPage() {
        return headers.contains(HttpHeaderNames.ORIGIN);
    }

    /** Whether a proxy says that it hands it on for somebody else. */
    public boolean isForwarded() {
        return FORWARDED.stream().anyMatch(headers::contains);
    }

    /** What a repetition is to be known again by; null where there is none, or none that can be. */
    public @Nullable String idempotencyKey() {
        List<String> all = headers.getAll(IDEMPOTENCY_KEY);
        return all.size() == 1 && KEY.matcher(all.get(0)).matches() ? all.get(0) : null;
    }

    /** Whether there is a key that is none: to ignore it would double the mail of a client that counts on it. */
    public boolean hasUnfitKey() {
        return headers.contains(IDEMPOTENCY_KEY) && idempotencyKey() == null;
    }

    /** The path and the query, with what the body is. */
    public String target() {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return mediaType() + " " + path() + (query < 0 ? "" : uri.substring(query)) + "\n";
    }

    /** Values of a parameter of the query, percent-decoded; a plus sign is a plus sign, since addresses have some. */
    public List<String> parameters(String name) throws UnfitRequestException {
        List<String> values = new ArrayList<>();
        String uri = request.uri();
        int query = uri.indexOf('?');
        if (query < 0) {
            return values;
        }
        for (String pair : uri.substring(query + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).equals(name)) {
                values.add(PercentDecoding.decoded(pair.substring(equals + 1), name));
            }
        }
        return values;
    }
}
