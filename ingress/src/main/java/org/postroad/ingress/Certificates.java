package org.postroad.ingress;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.auth.UnfitFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of a node as their files hold them, of which each client is shown the one for the name it asks for (RFC 6066
 * section 3), or else the first.
 *
 * <p>Safe for all threads: what is read anew replaces the whole list. Files are compared by what is in them, so however they are
 * replaced (an orchestrator swaps a link to their directory), it is noticed; what cannot be read is told once and not taken.
 */
final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    /** A client that has begun a handshake has so long to end it. */
    private static final long HANDSHAKE_MILLIS = 30_000;

    private final List<CertificateFiles> files;
    private final Map<Path, ClientAuthorities> authorities = new HashMap<>();
    private volatile List<Certificate> current;
    private String toldFault = "";

    /** @throws UnfitFileException in one line, if one of them cannot be used */
    Certificates(List<CertificateFiles> files) throws UnfitFileException {
        this(files, List.of());
    }

    /** @param listeners whose clients may show certificates, too */
    Certificates(List<CertificateFiles> files, List<Listener> listeners) throws UnfitFileException {
        for (Listener listener : listeners) {
            Path vouchers = listener.clientCa();
            if (vouchers != null) {
                authorities.put(vouchers, new ClientAuthorities(vouchers));
            }
        }
        this.files = List.copyOf(files);
        List<Certificate> read = new ArrayList<>();
        for (CertificateFiles one : files) {
            read.add(Certificate.read(one));
        }
        this.current = List.copyOf(read);
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /** Takes what has changed in the files; reads them, so it is not for an event loop. */
    synchronized void refresh() {
        authorities.values().forEach(ClientAuthorities::refresh);
        List<Certificate> read = new ArrayList<>();
        boolean changed = false;
        for (int i = 0; i < files.size(); i++) {
            Certificate before = current.get(i);
            Certificate now = anew(files.get(i), before);
            changed |= !now.equals(before);
            read.add(now);
        }
        if (changed) {
            current = List.copyOf(read);
        }
    }

    private Certificate anew(CertificateFiles one, Certificate before) {
        try {
            if (before.isStillIn(one)) {
                return before;
            }
            Certificate read = Certificate.read(one);
            toldFault = "";
            LOG.atInfo()
                    .addKeyValue("certificate", one.certificate())
                    .addKeyValue("names", read.names())
                    .addKeyValue("until", read.until())
                    .log("a certificate has changed and is used from now on");
            return read;
        } catch (UnfitFileException e) {
            if (!toldFault.equals(e.getMessage())) {
                toldFault = String.valueOf(e.getMessage());
                LOG.atWarn()
                        .addKeyValue("why", e.getMessage())
                        .addKeyValue("until", before.until())
                        .log("a certificate has changed and cannot be used: the one before is shown on");
            }
            return before;
        }
    }

    /** What is known of a client of the listener after a handshake. */
    TlsFacts factsOf(SSLSession session, Listener listener) {
        TlsFacts facts = TlsFacts.of(session);
        Path vouchers = listener.clientCa();
        ClientAuthorities its = vouchers == null ? null : authorities.get(vouchers);
        return its == null ? facts : new TlsFacts(facts.protocol(), facts.cipher(), its.namesOf(session));
    }

    /** Stands first in a pipeline and makes the handshake that a client of the listener begins. */
    ChannelHandler newHandler(Listener listener) {
        boolean asks = listener.clientCa() != null;
        Mapping<String, SslContext> byName = name -> asks ? of(name).asking() : of(name).context();
        return new SniHandler(byName, HANDSHAKE_MILLIS) {
            @Override
            protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
                SslHandler handler = super.newSslHandler(context, allocator);
                handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
                return handler;
            }
        };
    }

    /** @param name in lower case; null where the client named none */
    SslContext forName(@Nullable String name) {
        return of(name).context();
    }

    private Certificate of(@Nullable String name) {
        List<Certificate> all = current;
        for (Certificate one : all) {
            if (name != null && one.isFor(name)) {
                return one;
            }
        }
        return all.get(0);
    }
}
