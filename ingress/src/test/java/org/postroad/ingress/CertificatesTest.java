package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.auth.UnfitFileException;

class CertificatesTest {
    private static CertificateFiles mail;
    private static CertificateFiles wild;

    @BeforeAll
    static void write(@TempDir Path directory) throws Exception {
        mail = TestCertificates.write(directory, "mail", "EC", "mail.example", "smtp.example");
        wild = TestCertificates.write(directory, "wild", "RSA", "*.wild.example");
    }

    @ParameterizedTest
    @CsvSource({
        "mail.example, 0",
        "smtp.example, 0",
        "a.wild.example, 1",
        "wild.example, 0",
        "a.b.wild.example, 0",
        "other.example, 0",
        ", 0",
    })
    void showsTheOneForTheNameAndElseTheFirst(String name, int which) {
        Certificates certificates = TestCertificates.of(mail, wild);
        List<SslContext> contexts =
                List.of(certificates.forName("mail.example"), certificates.forName("x.wild.example"));
        assertThat(certificates.forName(name)).isSameAs(contexts.get(which));
    }

    @Test
    void aCertificateThatIsReplacedIsShownAndADamagedOneIsNot(@TempDir Path live) throws Exception {
        CertificateFiles files = TestCertificates.write(live, "live", "EC", "one.example");
        Certificates certificates = TestCertificates.of(files);
        SslContext first = certificates.forName(null);
        certificates.refresh();
        assertThat(certificates.forName(null)).isSameAs(first);

        Files.writeString(files.certificate(), "damaged");
        certificates.refresh();
        assertThat(certificates.forName(null)).isSameAs(first);

        CertificateFiles second = TestCertificates.write(live, "second", "EC", "two.example");
        Files.copy(second.certificate(), files.certificate(), StandardCopyOption.REPLACE_EXISTING);
        certificates.refresh();
        assertThat(certificates.forName(null)).as("its key is still the former").isSameAs(first);

        Files.copy(second.privateKey(), files.privateKey(), StandardCopyOption.REPLACE_EXISTING);
        certificates.refresh();
        assertThat(certificates.forName(null)).isNotSameAs(first);
    }

    @Test
    void saysWhichFileIsWrongAndHow(@TempDir Path bad) throws Exception {
        Path missing = bad.resolve("missing.crt");
        Path empty = Files.createFile(bad.resolve("empty.pem"));
        Path old = Files.writeString(
                bad.resolve("old.key"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Path damaged = Files.writeString(
                bad.resolve("damaged.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        refuses(missing, mail.privateKey(), missing + ": there is no such file");
        refuses(empty, mail.privateKey(), empty + ": holds no certificate in PEM");
        refuses(mail.certificate(), empty, empty + ": holds no private key in PEM");
        refuses(
                mail.certificate(),
                old,
                old + ": holds an \"RSA PRIVATE KEY\"; convert it: openssl pkcs8 -topk8 -nocrypt");
        refuses(mail.certificate(), damaged, damaged + ": its private key is damaged, or neither RSA nor EC nor EdDSA");
        refuses(
                mail.certificate(),
                wild.privateKey(),
                wild.privateKey() + ": is not the key of the certificate in " + mail.certificate());
    }

    private static void refuses(Path certificate, Path key, String why) {
        assertThatThrownBy(() -> new Certificates(List.of(new CertificateFiles(certificate, key))))
                .isInstanceOf(UnfitFileException.class)
                .hasMessage(why);
    }
}
