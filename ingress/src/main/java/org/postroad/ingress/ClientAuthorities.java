package org.postroad.ingress;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.postroad.ingress.auth.UnfitFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may vouch for clients, as a file of certificates in PEM has them, and for which names they do.
 *
 * <p>A handshake takes any certificate, since many servers show theirs to whoever asks and are to be heard all the same; that the client
 * has its key is proven then. Only here it is asked whether it means anything, again for each session, by what the file says at that time.
 *
 * <p>Safe for all threads: what is read anew replaces all of it; a file that cannot be used is told once and not taken.
 */
final class ClientAuthorities {
    private static final Logger LOG = LoggerFactory.getLogger(ClientAuthorities.class);

    /** Kinds of {@link X509Certificate#getSubjectAlternativeNames}: an address comes before a host. */
    private static final List<Integer> KINDS = List.of(1, 2);

    private final Path file;
    private volatile Content current;
    private String toldFault = "";

    private record Content(byte[] octets, X509TrustManager trust) {}

    /** @throws UnfitFileException in one line, if it cannot be used */
    ClientAuthorities(Path file) throws UnfitFileException {
        this.file = file;
        this.current = read(file);
    }

    /** Takes what has changed in the file; reads it, so it is not for an event loop. */
    synchronized void refresh() {
        try {
            if (!Arrays.equals(octets(file), current.octets)) {
                current = read(file);
                toldFault = "";
                LOG.atInfo().addKeyValue("file", file).log("who vouches for clients has changed");
            }
        } catch (UnfitFileException e) {
            if (!toldFault.equals(e.getMessage())) {
                toldFault = String.valueOf(e.getMessage());
                LOG.atWarn()
                        .addKeyValue("why", toldFault)
                        .log("who vouches for clients cannot be read: those from before do so on");
            }
        }
    }

    /** The addresses and hosts in the client's certificate, in its order; none without one, or where nobody here vouches for it. */
    List<String> namesOf(SSLSession session) {
        Certificate[] shown;
        try {
            shown = session.getPeerCertificates();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
        X509Certificate[] chain = Arrays.copyOf(shown, shown.length, X509Certificate[].class);
        try {
            current.trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
        } catch (CertificateException unverified) {
            LOG.atDebug().setCause(unverified).log("a client's certificate means nothing");
            return List.of();
        }
        return names(chain[0]);
    }

    private static List<String> names(X509Certificate leaf) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = leaf.getSubjectAlternativeNames();
            for (Integer kind : KINDS) {
                for (List<?> one : all == null ? List.<List<?>>of() : all) {
                    if (one.get(0).equals(kind)) {
                        names.add(one.get(1).toString());
                    }
                }
            }
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
        return names;
    }

    private static Content read(Path file) throws UnfitFileException {
        byte[] octets = octets(file);
        int count = 0;
        try {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(octets))) {
                authorities.setCertificateEntry(Integer.toString(count++), each);
            }
            if (count > 0) {
                return new Content(octets, trust(authorities));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new UnfitFileException(file + ": holds no certificate in PEM: " + e.getMessage());
        }
        throw new UnfitFileException(file + ": holds no certificate in PEM");
    }

    private static X509TrustManager trust(KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509TrustManager trust) {
                return trust;
            }
        }
        throw new IllegalStateException("this JVM verifies no certificates");
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
}
