package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.Tls;

/** TLS at ingress: RFC 3207, RFC 8314. */
class SessionTlsTest {
    private static final String MAIL = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nhi\r\n.\r\n";

    private static Certificates certificates;

    @BeforeAll
    static void write(@TempDir Path directory) throws Exception {
        certificates = TestCertificates.of(TestCertificates.write(directory, "mx", "EC", "mx.example"));
    }

    /** A client's end of TLS, octets passed by hand. */
    static final class Client {
        private final ServedSession server;
        private final EmbeddedChannel tls;

        Client(ServedSession server, String... protocols) throws IOException {
            this(server, SslContextBuilder.forClient(), protocols);
        }

        Client(ServedSession server, SslContextBuilder client, String... protocols) throws IOException {
            this.server = server;
            SslContext context = client.sslProvider(SslProvider.JDK)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(protocols.length == 0 ? new String[] {"TLSv1.3", "TLSv1.2"} : protocols)
                    .build();
            SslHandler handler = context.newHandler(Unpooled.buffer().alloc());
            tls = new EmbeddedChannel(handler);
            pump();
        }

        /** Until neither side has anything to say. */
        private void pump() {
            boolean moved = true;
            while (moved) {
                tls.runPendingTasks();
                moved = false;
                for (ByteBuf out = tls.readOutbound(); out != null; out = tls.readOutbound()) {
                    moved = true;
                    server.channel.writeInbound(out);
                }
                server.channel.runPendingTasks();
                for (ByteBuf out = server.channel.readOutbound(); out != null; out = server.channel.readOutbound()) {
                    moved = true;
                    tls.writeInbound(out);
                }
            }
        }

        List<String> send(String text) {
            if (!text.isEmpty()) {
                tls.writeOutbound(Unpooled.copiedBuffer(text, UTF_8));
            }
            pump();
            StringBuilder heard = new StringBuilder();
            for (ByteBuf in = tls.readInbound(); in != null; in = tls.readInbound()) {
                heard.append(in.toString(UTF_8));
                in.release();
            }
            return heard.isEmpty() ? List.of() : List.of(heard.toString().split("\r\n"));
        }
    }

    @Test
    void requireTlsIsOfferedAndTakenOnlyWithinTls() throws IOException {
        ServedSession session = ServedSession.with(Tls.STARTTLS, certificates);
        session.heard();
        assertThat(session.send("EHLO c\r\n")).doesNotContain("250-REQUIRETLS");
        assertThat(session.send("MAIL FROM:<a@x.example> REQUIRETLS\r\n"))
                .singleElement()
                .asString()
                .startsWith("523 5.7.10");
        session.send("STARTTLS\r\n");
        Client client = new Client(session);
        assertThat(client.send("EHLO c\r\n")).contains("250-REQUIRETLS");
        assertThat(client.send("MAIL FROM:<a@x.example> REQUIRETLS=1\r\n"))
                .singleElement()
                .asString()
                .startsWith("501 5.5.4");
        assertThat(client.send("MAIL FROM:<a@x.example> requiretls REQUIRETLS\r\n"))
                .singleElement()
                .asString()
                .startsWith("501 5.5.4");
        assertThat(client.send(MAIL)).last().asString().startsWith("250 2.0.0 queued");
        assertThat(client.send(MAIL.replace("x.example>", "x.example> SIZE=4 REQUIRETLS")))
                .last()
                .asString()
                .startsWith("250 2.0.0 queued");
        assertThat(session.envelopes())
                .extracting(org.postroad.schemas.RequireTls::isAskedFor)
                .containsExactly(false, true);
    }

    @Test
    void startTlsForgetsWhatWasSaidBeforeAndIsNotOfferedAgain() throws IOException {
        ServedSession session = ServedSession.with(Tls.STARTTLS, certificates);
        session.heard();
        assertThat(session.send("EHLO c\r\n")).contains("250-STARTTLS");
        assertThat(session.send("STARTTLS now\r\n")).singleElement().asString().startsWith("501 5.5.4");
        assertThat(session.send("STARTTLS\r\n")).singleElement().asString().startsWith("220 2.0.0");
        Client client = new Client(session);
        assertThat(client.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("503 5.5.1 Send EHLO");
        assertThat(client.send("EHLO c\r\n")).doesNotContain("250-STARTTLS").contains("250-PIPELINING");
        assertThat(client.send("STARTTLS\r\n")).singleElement().asString().startsWith("503 5.5.1");
        assertThat(client.send(MAIL)).last().asString().startsWith("250 2.0.0 queued");
        assertThat(session.envelopes().get(0).getReceived().getProtocol()).isEqualTo("ESMTPS");
        assertThat(ServedSession.text(session.envelopes().get(0).getPrepend()))
                .contains("\r\n\t(using TLSv1.3 with cipher TLS_AES_");
    }

    /** CVE-2011-0411: what a man in the middle adds behind STARTTLS must not be taken for what the client said under TLS. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "RSET\r\n",
                "EHLO evil\r\nMAIL FROM:<evil@x.example>\r\n",
                "EHLO evil",
                "\r\n",
            })
    void whatCameBehindStartTlsIsForgotten(String slippedIn) throws IOException {
        ServedSession session = ServedSession.with(Tls.STARTTLS, certificates);
        session.heard();
        session.send("EHLO c\r\n");
        assertThat(session.send("STARTTLS\r\n" + slippedIn)).hasSize(1);
        Client client = new Client(session);
        assertThat(client.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
        assertThat(client.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("503 5.5.1 Send EHLO");
    }

    @Test
    void octetsThatAreNoHandshakeEndTheConnectionWithoutAnAnswerInClear() {
        for (Tls tls : List.of(Tls.STARTTLS, Tls.IMPLICIT)) {
            ServedSession session = ServedSession.with(tls, certificates);
            if (tls == Tls.STARTTLS) {
                session.heard();
                session.send("EHLO c\r\nSTARTTLS\r\n");
            }
            assertThat(session.send("EHLO evil\r\nMAIL FROM:<>\r\n").stream().filter(line -> line.startsWith("2")))
                    .isEmpty();
            session.channel.runPendingTasks();
            assertThat(session.closed()).isTrue();
            assertThat(session.gauge("postroad_ingress_sessions")).isZero();
        }
    }

    @Test
    void implicitTlsSaysItsBannerOnlyUnderTls() throws IOException {
        ServedSession session = ServedSession.with(Tls.IMPLICIT, certificates);
        assertThat(session.heard()).isEmpty();
        Client client = new Client(session);
        assertThat(client.send("")).containsExactly("220 mx.example ESMTP Postroad");
        assertThat(client.send("EHLO c\r\n")).doesNotContain("250-STARTTLS");
        assertThat(client.send(MAIL)).last().asString().startsWith("250 2.0.0 queued");
        assertThat(session.envelopes().get(0).getReceived().getProtocol()).isEqualTo("ESMTPS");
    }

    @Test
    void aHandshakeThatDoesNotComeEndsTheConnectionInSilence() {
        ServedSession session = ServedSession.with(Tls.IMPLICIT, certificates);
        assertThat(session.wait(Duration.ofSeconds(29))).isEmpty();
        assertThat(session.closed()).isFalse();
        session.wait(Duration.ofSeconds(400));
        assertThat(session.heard()).isEmpty();
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aListenerWithoutTlsDoesNotOfferIt() {
        ServedSession session = ServedSession.ordinary();
        session.heard();
        assertThat(session.send("EHLO c\r\n")).doesNotContain("250-STARTTLS");
        assertThat(session.send("STARTTLS\r\n")).singleElement().asString().startsWith("502 5.5.1");
    }

    @Test
    void noHandshakeWithinATransaction() {
        ServedSession session = ServedSession.with(Tls.STARTTLS, certificates);
        session.heard();
        session.send("EHLO c\r\nMAIL FROM:<>\r\n");
        assertThat(session.send("STARTTLS\r\n")).singleElement().asString().startsWith("503 5.5.1");
    }
}
