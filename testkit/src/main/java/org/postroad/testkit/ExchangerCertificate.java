package org.postroad.testkit;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;

/** A self-signed certificate that an exchanger can show; each is made once in a JVM, by the JDK's keytool. */
public enum ExchangerCertificate {
    /** For localhost and 127.0.0.1, valid today. */
    VALID("-1d", 3650, "dns:localhost,ip:127.0.0.1"),
    /** For localhost and 127.0.0.1, until yesterday. */
    EXPIRED("-30d", 29, "dns:localhost,ip:127.0.0.1"),
    /** Valid today, for a name that nobody asks for. */
    WRONG_NAME("-1d", 3650, "dns:somebody-else.invalid");

    private static final char[] PASSWORD = "loopback".toCharArray();
    private static final Map<ExchangerCertificate, KeyStore> MADE = new EnumMap<>(ExchangerCertificate.class);

    private final String startDate;
    private final int days;
    private final String names;

    ExchangerCertificate(String startDate, int days, String names) {
        this.startDate = startDate;
        this.days = days;
        this.names = names;
    }

    /** What a client that is to trust the exchanger trusts. */
    public X509Certificate certificate() {
        try {
            return (X509Certificate) keyStore().getCertificate("exchanger");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes it and its key in PEM. */
    public void writePem(Path certificate, Path privateKey) throws IOException {
        try {
            Files.writeString(certificate, pem("CERTIFICATE", certificate().getEncoded()));
            Files.writeString(
                    privateKey,
                    pem("PRIVATE KEY", keyStore().getKey("exchanger", PASSWORD).getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] octets) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    SslContext serverContext() {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(), PASSWORD);
            return SslContextBuilder.forServer(keys).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeyStore keyStore() {
        synchronized (MADE) {
            return MADE.computeIfAbsent(this, ExchangerCertificate::make);
        }
    }

    private static KeyStore make(ExchangerCertificate wanted) {
        try {
            Path directory = Files.createTempDirectory("exchanger-certificate");
            Path file = directory.resolve("keys.p12");
            try {
                wanted.runKeytool(file);
                KeyStore keys = KeyStore.getInstance("PKCS12");
                try (InputStream in = Files.newInputStream(file)) {
                    keys.load(in, PASSWORD);
                }
                return keys;
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void runKeytool(Path file) throws IOException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String password = new String(PASSWORD);
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "exchanger",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-startdate",
                        startDate,
                        "-validity",
                        Integer.toString(days),
                        "-ext",
                        "san=" + names,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        password,
                        "-keypass",
                        password)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool made no certificate: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool made a certificate", e);
        }
    }
}
