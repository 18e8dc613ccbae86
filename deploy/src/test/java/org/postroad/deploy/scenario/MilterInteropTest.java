package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Debian's OpenDKIM as a milter: what one signs as it is submitted, another finds unharmed in what was delivered. */
@Tag("interop")
class MilterInteropTest {
    private final Path directory;

    MilterInteropTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void whatOpenDkimSignsAnotherVerifiesAndForgedResultsAreRemoved() throws Exception {
        List<Integer> ports = StandaloneProcess.freePorts(1);
        String key = makeKey();
        String verifiersSocket = directory.resolve("v.sock").toString();
        Process signer = openDkim("signer", """
                Mode s
                Domain home.test
                Selector one
                KeyFile %s
                Canonicalization simple/simple
                InternalHosts 192.0.2.1
                Socket inet:%d@127.0.0.1
                """.formatted(directory.resolve("key.pem"), ports.get(0)));
        Files.writeString(directory.resolve("dns"), "one._domainkey.home.test v=DKIM1; k=rsa; p=" + key + "\n");
        Process verifier = openDkim("verifier", """
                Mode v
                InternalHosts 192.0.2.1
                AuthservID road.test
                TestDNSData file:%s
                AlwaysAddARHeader yes
                Socket local:%s
                """.formatted(directory.resolve("dns"), verifiersSocket));
        String ingress = """
                {users-file: %s, listeners: [
                  {name: submission, address: "127.0.0.1:0", role: submission, auth: offered, auth-in-clear: true, relay-from: [],
                   hooks: [{name: opendkim, milter: "127.0.0.1:%d"}]},
                  {name: mx, address: "127.0.0.1:0", hooks: [{name: opendkim, milter: "unix:%s"}]}]}
                """.formatted(users(), ports.get(0), verifiersSocket).replace("\n", " ");
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger, ingress)) {
            Road.await(() -> Files.exists(Path.of(verifiersSocket)) && answers(ports.get(0)), answers -> answers);
            String small = "From: alice@home.test\r\nSubject: signed\r\n\r\n..dots and =20\r\n";
            String large = "From: alice@home.test\r\nSubject:   spaces \r\n\tfolded\r\n\r\n"
                    + "a line of text\r\n".repeat(60_000);
            submit(road.addresses().get(0), small);
            submit(road.addresses().get(0), large);
            for (var signed : exchanger.awaitMails(2, Road.PATIENCE)) {
                String text = signed.contentText();
                assertThat(text)
                        .contains("DKIM-Signature: ", "d=home.test", "\r\nMessage-ID: <", "\r\nDate: ")
                        .containsPattern("h=[^;]*Date");
                String forged = "Authentication-Results: road.test; dkim=pass header.d=bank.test\r\n".repeat(2);
                relay(road.addresses().get(1), forged + text.substring(text.indexOf("DKIM-Signature:")));
            }
            relay(road.addresses().get(1), small.replace("dots", "unsigned"));
            List<String> received = exchanger.awaitMails(5, Road.PATIENCE).stream()
                    .skip(2)
                    .map(mail -> mail.contentText())
                    .toList();
            assertThat(received).filteredOn(text -> text.contains("dkim=pass")).hasSize(2);
            assertThat(received).filteredOn(text -> text.contains("dkim=none")).hasSize(1);
            assertThat(received).noneMatch(text -> text.contains("bank.test"));
        } finally {
            signer.destroy();
            verifier.destroy();
        }
    }

    private String makeKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        Path file = Files.writeString(directory.resolve("key.pem"), pem);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    }

    private Path users() throws IOException {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
        return Files.writeString(directory.resolve("users"), "alice:" + hash + "\n");
    }

    private Process openDkim(String name, String lines) throws IOException {
        String more = "Syslog no\nBackground no\nUserID root\nRequireSafeKeys no\n";
        Path file = Files.writeString(directory.resolve(name + ".conf"), lines + more);
        return new ProcessBuilder("opendkim", "-f", "-x", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
    }

    private static boolean answers(int port) {
        try (Socket probe = new Socket("127.0.0.1", port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** A user's mail is signed whatever address it comes from. */
    private static void submit(InetSocketAddress to, String content) throws Exception {
        String login = Base64.getEncoder().encodeToString("\0alice\0secret".getBytes(ISO_8859_1));
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            String dialog = "EHLO client.test\r\nAUTH PLAIN " + login
                    + "\r\nMAIL FROM:<alice@home.test>\r\nRCPT TO:<b@there.test>\r\nDATA\r\n"
                    + content.replace("\r\n.", "\r\n..") + ".\r\nQUIT\r\n";
            socket.getOutputStream().write(dialog.getBytes(ISO_8859_1));
            String heard = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(heard).contains("\r\n250 2.0.0 queued");
        }
    }

    private static void relay(InetSocketAddress to, String content) throws Exception {
        try (SmtpClient client = SmtpClient.connect(to)) {
            client.send("alice@home.test", List.of("b@there.test"), content.getBytes(ISO_8859_1));
        }
    }
}
