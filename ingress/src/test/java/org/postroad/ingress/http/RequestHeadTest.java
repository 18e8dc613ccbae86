package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads as octets, by way of the decoder they come by. */
class RequestHeadTest {

    private static RequestHead head(String slashed) {
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder());
        channel.writeInbound(Unpooled.copiedBuffer(slashed.replace("|", "\r\n"), StandardCharsets.ISO_8859_1));
        HttpRequest request = channel.readInbound();
        assertThat(request).as("a request").isNotNull();
        channel.finishAndReleaseAll();
        return new RequestHead(request);
    }

    /** What two servers may read differently is read by none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1|Host: h|Content-Length: 5|Content-Length: 6||",
                "POST / HTTP/1.1|Host: h|Content-Length: 5|Content-Length: 5||",
                "POST / HTTP/1.1|Host: h|Content-Length: 5, 5||",
                "POST / HTTP/1.1|Host: h|Content-Length: +5||",
                "POST / HTTP/1.1|Host: h|Content-Length: -5||",
                "POST / HTTP/1.1|Host: h|Content-Length: 0x5||",
                "POST / HTTP/1.1|Host: h|Content-Length: 5 5||",
                "POST / HTTP/1.1|Host: h|Content-Length: ||",
                "POST / HTTP/1.1|Host: h|Content-Length: 99999999999999999999||",
                "POST / HTTP/1.1|Host: h|Content-Length: 5|Transfer-Encoding: chunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Content-Length: 5||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: xchunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: identity||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked, identity||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: identity, chunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: gzip|Transfer-Encoding: chunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding: chunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding : chunked||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding\t: chunked||",
                "POST / HTTP/1.1|Host: h| Transfer-Encoding: chunked|Content-Length: 5|X: y|Content-Length: 6||",
                "POST / HTTP/1.1|Host: h|Transfer-Encoding: chun\0ked||",
                "POST / HTTP/1.1|Host: h|Content-Length : 5||",
                "POST / HTTP/1.0|Transfer-Encoding: chunked||",
                "POST / HTTP/1.1|Content-Length: 5||",
                "POST / HTTP/1.1|Host: a|Host: b||",
                "POST / HTTP/1.1\nHost: h\nContent-Length: 5\n\n",
                "POST / HTTP/1.1|Host: h\nContent-Length: 5||",
                "POST / HTTP/1.1|Host: h|X: a\rb||",
                "POST / HTTP/2.0|Host: h||",
                "GET /||",
                "\nPOST / HTTP/1.1|Host: h||",
                "|\nPOST / HTTP/1.1|Host: h||",
                " POST / HTTP/1.1|Host: h||",
                "POST / HTTP/1.1|Host: h|X: a| b||",
                "POST / HTTP/1.1|Host: h|X: a|\tb||",
                "POST / HTTP/1.1|Host: h i||",
                "POST / HTTP/1.1|Host: h\ti||",
                "\0\0\0|||"
            })
    void aLengthInDoubtIsRefused(String octets) {
        Answer answer = head(octets).framingFault();
        assertThat(answer).isNotNull();
        assertThat(answer.status()).isIn(400, 505);
    }

    /** RFC 9112 section 2.2. */
    @Test
    void anEmptyLineBeforeARequestIsNone() {
        assertThat(head("||GET / HTTP/1.1|Host: h||").framingFault()).isNull();
    }

    @Test
    void whatIsTooLongIsToldSo() {
        assertThat(Objects.requireNonNull(head("POST /" + "x".repeat(20_000) + " HTTP/1.1|Host: h||")
                                .framingFault())
                        .status())
                .isEqualTo(414);
        assertThat(Objects.requireNonNull(head("POST / HTTP/1.1|Host: h|X: " + "x".repeat(20_000) + "||")
                                .framingFault())
                        .status())
                .isEqualTo(431);
    }

    @Test
    void ordinaryHeadsAreTaken() {
        RequestHead head = head("POST http://h.example/v1/messages?from=a HTTP/1.1|Host: h|Transfer-Encoding: Chunked|"
                + "Content-Type: Application/JSON; charset=utf-8||");
        assertThat(head.framingFault()).isNull();
        assertThat(head.path()).isEqualTo(RequestHead.MESSAGES);
        assertThat(head.contentLength()).isEqualTo(-1);
        assertThat(head.form()).isEqualTo(RequestHead.Form.JSON);
        assertThat(head.keepsAlive()).isTrue();
        RequestHead old = head("POST / HTTP/1.0|Content-Length: 5||");
        assertThat(old.framingFault()).isNull();
        assertThat(old.keepsAlive()).isFalse();
        assertThat(old.contentLength()).isEqualTo(5);
        assertThat(head("GET / HTTP/1.1|Host: h|Connection: close||").keepsAlive())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "YWxpY2U6c2VjcmV0,alice,secret",
        "YWxpY2U6YTpiOg==,alice,a:b:",
        "YWxpY2U6,alice,''",
    })
    void basicLoginsAreRead(String encoded, String user, String password) {
        RequestHead.Basic login = head("POST / HTTP/1.1|Host: h|Authorization: basic " + encoded + "||")
                .login();
        assertThat(login).isNotNull();
        assertThat(login.user()).isEqualTo(user);
        assertThat(new String(login.password(), UTF_8)).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic YWxpY2U=",
                "Basic ?",
                "Basic",
                "Bearer YWxpY2U6YQ==",
                "Basic OmE=",
                "Basic AGE6Yg==",
                "Basic /zpi"
            })
    void otherLoginsAreNone(String value) {
        assertThat(head("POST / HTTP/1.1|Host: h|Authorization: " + value + "||")
                        .login())
                .isNull();
    }

    @Test
    void anIdempotencyKeyIsOneWord() {
        String begin = "POST /v1/messages HTTP/1.1|Host: h|";
        assertThat(head(begin + "Idempotency-Key: \"a-1\"||").idempotencyKey()).isEqualTo("\"a-1\"");
        assertThat(head(begin + "|").idempotencyKey()).isNull();
        assertThat(head(begin + "|").hasUnfitKey()).isFalse();
        assertThat(head(begin + "Idempotency-Key: a|Idempotency-Key: a||").hasUnfitKey())
                .isTrue();
        assertThat(head(begin + "Idempotency-Key: a b||").hasUnfitKey()).isTrue();
        assertThat(head(begin + "Idempotency-Key:||").hasUnfitKey()).isTrue();
    }

    @Test
    void whatIsPostedIsTheSameByWayOfAProxy() {
        String type = " HTTP/1.1|Host: h|Content-Type: message/rfc822";
        String target = head("POST /v1/messages?from=a" + type + "||").target();
        assertThat(head("POST http://h.example/v1/messages?from=a" + type + "; x=y||")
                        .target())
                .isEqualTo(target);
        assertThat(head("POST /v1/messages?from=b" + type + "||").target()).isNotEqualTo(target);
    }

    @Test
    void theQueryNamesTheEnvelope() throws Exception {
        RawEnvelope envelope = RawEnvelope.of(head(
                "POST /v1/messages?from=a%2Bb@x.example&to=c+d@y.example&to=%22q%20r%22@y.example&to=j%C3%B6rg@y.example"
                        + " HTTP/1.1|Host: h||"));
        assertThat(envelope.reversePath()).isEqualTo("a+b@x.example");
        assertThat(envelope.recipients())
                .extracting(Object::toString)
                .containsExactly("c+d@y.example", "\"q r\"@y.example", "j\u00f6rg@y.example");
        assertThat(RawEnvelope.of(head("POST /v1/messages?from=&to=c@y.example HTTP/1.1|Host: h||"))
                        .reversePath())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/messages,from",
        "/v1/messages?from=a@x.example,to",
        "/v1/messages?from=a@x.example&from=b@x.example&to=c@y.example,from",
        "/v1/messages?from=a&to=c@y.example,from",
        "/v1/messages?from=a@x.example&to=c@y.example&to=d,to[1]",
        "/v1/messages?from=a@x.example&to=c%0d%0aRCPT@y.example,to[0]",
        "/v1/messages?from=a@x.example&to=c%zz@y.example,to",
        "/v1/messages?from=a@x.example&to=c@y.example%,to",
        "/v1/messages?from=a@x.example&to=%ff@y.example,to",
    })
    void otherQueriesAreRefusedByField(String uri, String field) {
        assertThatThrownBy(() -> RawEnvelope.of(head("POST " + uri + " HTTP/1.1|Host: h||")))
                .isInstanceOfSatisfying(UnfitRequestException.class, refused -> {
                    assertThat(refused.answer().status()).isEqualTo(400);
                    assertThat(new String(refused.answer().body(), UTF_8)).contains("\"field\":\"" + field + "\"");
                });
    }
}
