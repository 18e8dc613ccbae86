package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.auth.UnfitFileException;

/** Certificates in files, made by the JDK's keytool. */
final class TestCertificates {
    private static final String PASSWORD = "loopback";

    private TestCertificates() {}

    static Certificates none() {
        try {
            return new Certificates(List.of());
        } catch (UnfitFileException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes {@code NAME.crt} and {@code NAME.key}, a self-signed certificate for the DNS names, or addresses. */
    static CertificateFiles write(Path directory, String name, String algorithm, String... dnsNames)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "it",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + dnsNames[0],
                        "-validity",
                        "30",
                        "-ext",
                        "san="
                                + Stream.of(dnsNames)
                                        .map(each -> (each.contains("@") ? "email:" : "dns:") + each)
                                        .collect(Collectors.joining(",")),
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
        if (keytool.waitFor() != 0) {
            throw new IOException(said);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Files.delete(store);
        CertificateFiles files =
                new CertificateFiles(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
        Files.writeString(
                files.certificate(),
                pem("CERTIFICATE", keys.getCertificate("it").getEncoded()));
        Files.writeString(
                files.privateKey(),
                pem("PRIVATE KEY", keys.getKey("it", PASSWORD.toCharArray()).getEncoded()));
        return files;
    }

    static Certificates of(CertificateFiles... files) {
        try {
            return new Certificates(List.of(files));
        } catch (UnfitFileException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    private static String pem(String what, byte[] octets) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }
}
