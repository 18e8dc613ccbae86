package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLException;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.auth.UnfitFileException;
import org.postroad.schemas.Ascii;

/**
 * A certificate with its key as read from its files, and for which names it stands.
 *
 * @param chain the octets of the file it was read from
 * @param key the octets of its key's file
 * @param asking the same as {@code context}, but that clients are asked for a certificate of theirs, which may be any
 * @param names the DNS names in it, in lower case, a first label of {@code *} for any
 */
record Certificate(byte[] chain, byte[] key, List<String> names, Instant until, SslContext context, SslContext asking) {
    private static final int DNS_NAME = 2; // X509Certificate.getSubjectAlternativeNames

    private static final byte[] PROBE = "does this key belong to this certificate?".getBytes(ISO_8859_1);

    static Certificate read(CertificateFiles files) throws UnfitFileException {
        byte[] chain = octets(files.certificate());
        byte[] key = octets(files.privateKey());
        X509Certificate leaf = leaf(files.certificate(), chain);
        PrivateKey privateKey = privateKey(files.privateKey(), key);
        if (!belongs(privateKey, leaf)) {
            throw new UnfitFileException(
                    files.privateKey() + ": is not the key of the certificate in " + files.certificate());
        }
        try {
            SslContext context = context(chain, key).build();
            SslContext asking = context(chain, key)
                    .clientAuth(ClientAuth.OPTIONAL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE) // ClientAuthorities says what it is worth
                    .build();
            return new Certificate(chain, key, names(leaf), leaf.getNotAfter().toInstant(), context, asking);
        } catch (SSLException | IllegalArgumentException e) {
            throw new UnfitFileException(files.certificate() + ": cannot be used: " + e.getMessage());
        }
    }

    private static SslContextBuilder context(byte[] chain, byte[] key) {
        return SslContextBuilder.forServer(new ByteArrayInputStream(chain), new ByteArrayInputStream(key))
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2");
    }

    /** Whether the files still hold what it was read from. */
    boolean isStillIn(CertificateFiles files) throws UnfitFileException {
        return Arrays.equals(chain, octets(files.certificate())) && Arrays.equals(key, octets(files.privateKey()));
    }

    /** RFC 6125 section 6.4.3: a wildcard stands for one whole label. */
    boolean isFor(String name) {
        int dot = name.indexOf('.');
        return names.contains(name) || dot > 0 && names.contains("*" + name.substring(dot));
    }

    private static byte[] octets(Path file) throws UnfitFileException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnfitFileException(file + ": there is no such file");
        } catch (IOException e) {
            throw new UnfitFileException(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static X509Certificate leaf(Path file, byte[] chain) throws UnfitFileException {
        try {
            Collection<? extends java.security.cert.Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(chain));
            if (!all.isEmpty()) {
                return (X509Certificate) all.iterator().next();
            }
        } catch (GeneralSecurityException e) {
            throw new UnfitFileException(file + ": holds no certificate in PEM: " + e.getMessage());
        }
        throw new UnfitFileException(file + ": holds no certificate in PEM");
    }

    private static PrivateKey privateKey(Path file, byte[] key) throws UnfitFileException {
        try {
            return PemKey.read(key);
        } catch (GeneralSecurityException e) {
            throw new UnfitFileException(file + ": " + e.getMessage());
        }
    }

    private static boolean belongs(PrivateKey key, X509Certificate leaf) {
        String algorithm = key.getAlgorithm().equals("EdDSA") ? "EdDSA" : "SHA256with" + signedWith(key);
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(PROBE);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(leaf.getPublicKey());
            verifying.update(PROBE);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String signedWith(PrivateKey key) {
        return key.getAlgorithm().equals("EC") ? "ECDSA" : key.getAlgorithm();
    }

    private static List<String> names(X509Certificate leaf) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = leaf.getSubjectAlternativeNames();
            for (List<?> one : all == null ? List.<List<?>>of() : all) {
                if (one.get(0).equals(DNS_NAME)) {
                    names.add(Ascii.lower(one.get(1).toString()));
                }
            }
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
        return names;
    }
}
