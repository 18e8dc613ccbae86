package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.SessionTlsTest.Client;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.UnfitFileException;
import org.postroad.ingress.auth.UsersFile;

/** A client certificate in place of a password: RFC 4422 appendix A. */
class SessionExternalTest {
    private static Path directory;
    private static CertificateFiles server;
    private static CertificateFiles known;
    private static CertificateFiles stranger;
    private static CertificateFiles nobody;
    private static Path authorities;
    private static Credentials credentials;

    @BeforeAll
    static void write(@TempDir Path shared) throws Exception {
        directory = shared;
        server = TestCertificates.write(directory, "server", "EC", "mx.example");
        known = TestCertificates.write(directory, "known", "EC", "app.example", "other@x.example", "app@x.example");
        stranger = TestCertificates.write(directory, "stranger", "EC", "app@x.example");
        nobody = TestCertificates.write(directory, "nobody", "EC", "nobody@x.example");
        authorities = directory.resolve("authorities.crt");
        vouchedFor(known, nobody);
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "x".toCharArray());
        Path users = directory.resolve("users");
        Files.writeString(users, "app@x.example:" + hash + "\napp.example:" + hash + "\nalice:" + hash + "\n");
        credentials = new Credentials(new UsersFile(users));
    }

    @AfterAll
    static void close() {
        credentials.close();
    }

    private static void vouchedFor(CertificateFiles... clients) throws IOException {
        StringBuilder all = new StringBuilder();
        for (CertificateFiles each : clients) {
            all.append(Files.readString(each.certificate()));
        }
        Path next = Files.writeString(directory.resolve("next"), all);
        Files.move(next, authorities, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Listener listener(@Nullable Path clientCa) {
        return new Listener(
                        "relay",
                        new InetSocketAddress(0),
                        Tls.IMPLICIT,
                        Auth.REQUIRED,
                        false,
                        List.of(),
                        Set.of(),
                        List.of(),
                        Handling.RELAY)
                .vouchedFor(clientCa);
    }

    private static Certificates certificates(Listener listener) throws UnfitFileException {
        return new Certificates(List.of(server), List.of(listener));
    }

    private static ServedSession session() throws UnfitFileException {
        Listener listener = listener(authorities);
        return ServedSession.on(listener, certificates(listener), credentials);
    }

    private static Client with(ServedSession session, @Nullable CertificateFiles certificate, String... protocols)
            throws IOException {
        SslContextBuilder client = SslContextBuilder.forClient();
        if (certificate != null) {
            client.keyManager(
                    certificate.certificate().toFile(), certificate.privateKey().toFile());
        }
        return new Client(session, client, protocols);
    }

    private static String mechanisms(Client client) {
        return client.send("EHLO c\r\n").stream()
                .filter(line -> line.contains("AUTH"))
                .findFirst()
                .orElse("");
    }

    private static String answer(Client client, String command) {
        return String.join("\n", client.send(command + "\r\n"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoIsVouchedForLogsInWithoutAPassword(String protocol) throws Exception {
        ServedSession session = session();
        Client client = with(session, known, protocol);
        assertThat(mechanisms(client)).isEqualTo("250-AUTH EXTERNAL PLAIN LOGIN");
        assertThat(answer(client, "MAIL FROM:<a@x.example>")).startsWith("530 5.7.0");
        assertThat(answer(client, "AUTH EXTERNAL =")).startsWith("235 2.7.0");
        client.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
        assertThat(answer(client, "hi\r\n.")).startsWith("250 2.0.0");
        assertThat(session.envelopes().get(0).getUser()).isEqualTo("app@x.example");
        assertThat(session.envelopes().get(0).getReceived().getProtocol()).isEqualTo("ESMTPSA");
    }

    @Test
    void anotherNameOfTheCertificateMayBeAskedForAndNoOther() throws Exception {
        ServedSession session = session();
        Client client = with(session, known);
        client.send("EHLO c\r\n");
        assertThat(answer(client, "AUTH EXTERNAL " + base64("alice"))).isEmpty();
        session.channel.advanceTimeBy(2, TimeUnit.SECONDS); // a failure is answered late
        session.channel.runScheduledPendingTasks();
        assertThat(String.join("", client.send(""))).startsWith("535 5.7.8");
        assertThat(answer(client, "AUTH EXTERNAL " + base64("app.example"))).startsWith("235 2.7.0");
    }

    @Test
    void theClientIsAskedWhereItSaysNothing() throws Exception {
        Client client = with(session(), known);
        client.send("EHLO c\r\n");
        assertThat(answer(client, "AUTH EXTERNAL")).isEqualTo("334 ");
        assertThat(answer(client, "")).startsWith("235 2.7.0");
    }

    @Test
    void aCertificateThatNobodyVouchesForIsTakenAndMeansNothing() throws Exception {
        Client client = with(session(), stranger);
        assertThat(mechanisms(client)).isEqualTo("250-AUTH PLAIN LOGIN");
        assertThat(answer(client, "AUTH EXTERNAL =")).startsWith("504 5.5.4");
        assertThat(answer(client, "AUTH EXTERNAL " + base64("app@x.example"))).startsWith("504 5.5.4");
    }

    @Test
    void aNameThatIsNoUsersMeansNothing() throws Exception {
        assertThat(mechanisms(with(session(), nobody))).isEqualTo("250-AUTH PLAIN LOGIN");
    }

    @Test
    void whoShowsNoneLogsInByPassword() throws Exception {
        Client client = with(session(), null);
        assertThat(mechanisms(client)).isEqualTo("250-AUTH PLAIN LOGIN");
        assertThat(answer(client, "AUTH EXTERNAL =")).startsWith("504 5.5.4");
    }

    @Test
    void whereNoAuthoritiesAreNamedNobodyIsAsked() throws Exception {
        Listener listener = listener(null);
        ServedSession session = ServedSession.on(listener, certificates(listener), credentials);
        assertThat(mechanisms(with(session, known))).isEqualTo("250-AUTH PLAIN LOGIN");
    }

    @Test
    void theFileIsReadAgainWhenItChanges() throws Exception {
        Listener listener = listener(authorities);
        Certificates certificates = certificates(listener);
        try {
            vouchedFor(stranger);
            certificates.refresh();
            assertThat(mechanisms(with(ServedSession.on(listener, certificates, credentials), stranger)))
                    .contains("EXTERNAL");
            assertThat(mechanisms(with(ServedSession.on(listener, certificates, credentials), known)))
                    .doesNotContain("EXTERNAL");
            Files.writeString(authorities, "nothing");
            certificates.refresh();
            assertThat(mechanisms(with(ServedSession.on(listener, certificates, credentials), stranger)))
                    .as("what cannot be read is not taken")
                    .contains("EXTERNAL");
        } finally {
            vouchedFor(known, nobody);
        }
    }

    @Test
    void aFileWithoutCertificatesIsNamed() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.crt"), "");
        assertThatThrownBy(() -> certificates(listener(empty)))
                .isInstanceOf(UnfitFileException.class)
                .hasMessage(empty + ": holds no certificate in PEM");
        assertThatThrownBy(() -> certificates(listener(directory.resolve("missing.crt"))))
                .isInstanceOf(UnfitFileException.class)
                .hasMessageEndingWith("missing.crt: there is no such file");
    }
}
