package org.postroad.deploy.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;

/** Secrets of users as Strimzi makes them, {@code NAME/user.p12}, and one file that vouches for all, {@code ca.crt}. */
record KafkaCertificates(Path directory) {
    static final String PASSWORD = "certificates";

    /** Makes a user, or a broker on loopback. */
    void add(String name) throws IOException, InterruptedException, GeneralSecurityException {
        Path file = Files.createDirectories(directory.resolve(name)).resolve("user.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "user",
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "3650",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        String pem = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getCertificate("user").getEncoded());
        Path all = authority();
        Files.writeString(
                all,
                (Files.exists(all) ? Files.readString(all) : "") + "-----BEGIN CERTIFICATE-----\n" + pem
                        + "\n-----END CERTIFICATE-----\n");
    }

    Path authority() {
        return directory.resolve("ca.crt");
    }

    /** For a client or a broker. */
    Map<String, String> properties(String name) {
        return Map.of(
                "security.protocol",
                "SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                authority().toString(),
                "ssl.keystore.type",
                "PKCS12",
                "ssl.keystore.location",
                directory.resolve(name).resolve("user.p12").toString(),
                "ssl.keystore.password",
                PASSWORD);
    }
}
