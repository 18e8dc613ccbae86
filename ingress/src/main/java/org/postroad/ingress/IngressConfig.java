package org.postroad.ingress;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.quota.Quota;
import org.postroad.schemas.Mailbox;

/**
 * What an ingress node is told.
 *
 * @param hostname what it calls itself in the banner and in {@code Received:}
 * @param postmaster whom a recipient {@code <Postmaster>} without a domain means (RFC 5321 section 4.5.1)
 * @param maxMessageSize octets of one message's content
 * @param inlineContentUpTo octets of content that travel inside the envelope
 * @param lifetime how long accepted mail is retried
 * @param usersFile who may log in; null where no listener lets them
 * @param users what holds for whom of them, the first that is for a name
 * @param quotas who may send how much
 * @param httpListeners where mail is posted by HTTP
 * @param maxSessions at once, and beside them a quarter as many connections of HTTP; fewer where the system grants few open files
 * @param certificates shown to clients that ask for their names, the first also to all others
 */
public record IngressConfig(
        String hostname,
        Mailbox postmaster,
        List<Listener> listeners,
        long maxMessageSize,
        int inlineContentUpTo,
        Duration lifetime,
        List<CertificateFiles> certificates,
        @Nullable Path usersFile,
        List<UserTerms> users,
        List<Quota> quotas,
        List<Listener> httpListeners,
        int maxSessions) {
    /** What the memory for replies and receive buffers is reckoned for. */
    public static final int USUAL_SESSIONS = 10_000;

    /** One whose users have no terms of their own, nobody a limit, and nothing is posted by HTTP. */
    public IngressConfig(
            String hostname,
            Mailbox postmaster,
            List<Listener> listeners,
            long maxMessageSize,
            int inlineContentUpTo,
            Duration lifetime,
            List<CertificateFiles> certificates,
            @Nullable Path usersFile) {
        this(
                hostname,
                postmaster,
                listeners,
                maxMessageSize,
                inlineContentUpTo,
                lifetime,
                certificates,
                usersFile,
                List.of(),
                List.of(),
                List.of(),
                USUAL_SESSIONS);
    }

    /** Octets of content that one message may have on a listener. */
    long maxMessageSize(Listener listener) {
        long its = listener.limits().messageSize();
        return its == 0 ? maxMessageSize : its;
    }

    /** The terms of a user: the first that are for the name. */
    UserTerms termsOf(@Nullable String user) {
        if (user != null) {
            for (UserTerms terms : users) {
                if (Quota.isAmong(terms.names(), user)) {
                    return terms;
                }
            }
        }
        return UserTerms.NONE;
    }

    /**
     * What holds for some users.
     *
     * @param names one that ends in {@code *} means all names which begin so
     * @param tenant whom they belong to, null for nobody
     * @param trafficClass of their mail, null for none
     * @param senders what they may give as reverse-path; empty for anything
     */
    public record UserTerms(
            List<String> names,
            @Nullable String tenant,
            @Nullable String trafficClass,
            List<SenderPattern> senders) {
        static final UserTerms NONE = new UserTerms(List.of(), null, null, List.of());

        /** Whether the reverse-path may be theirs; the null one always, for notices are sent with it (RFC 8098 section 2). */
        boolean maySendAs(String reversePath) {
            if (senders.isEmpty() || reversePath.isEmpty()) {
                return true;
            }
            Mailbox sender = Mailbox.parse(reversePath, true);
            return sender != null && senders.stream().anyMatch(pattern -> pattern.matches(sender));
        }
    }

    /** Whether clients log in (RFC 4954). */
    public enum Auth {
        NONE,
        OFFERED,
        /** No mail is taken from those who have not. */
        REQUIRED
    }

    /** Whether a listener speaks TLS. */
    public enum Tls {
        NONE,
        /** Offered by STARTTLS (RFC 3207). */
        STARTTLS,
        /** From the first octet (RFC 8314). */
        IMPLICIT
    }

    /** What mail a listener is there for. */
    public enum Role {
        /** From one server to the next: nothing but a trace line is added to it. */
        RELAY,
        /** From applications and people, whose header sections are completed (RFC 6409 section 8). */
        SUBMISSION
    }

    /** What a {@code Received:} line says. */
    public enum Trace {
        FULL,
        /** Nothing of the client and how it came. */
        HIDE_CLIENT
    }

    /** What becomes of a CR or LF in content that is no part of a CRLF. */
    public enum BareNewlines {
        /** The message is refused. */
        REFUSE,
        /** An LF becomes CRLF, a CR a space; neither ends the content. */
        NORMALIZE
    }

    /**
     * What a listener does with mail.
     *
     * @param hooks which are asked about it, in this order
     */
    public record Handling(Role role, Trace trace, BareNewlines bareNewlines, List<Hook> hooks) {
        public static final Handling RELAY = new Handling(Role.RELAY, Trace.FULL, BareNewlines.REFUSE);

        /** Without hooks. */
        public Handling(Role role, Trace trace, BareNewlines bareNewlines) {
            this(role, trace, bareNewlines, List.of());
        }
    }

    /**
     * One place to listen.
     *
     * @param address port 0 takes a free one
     * @param authInClear whether passwords are taken without TLS
     * @param relayFrom networks whose clients may send to anybody
     * @param acceptFor domains for which mail is taken from anybody, in lower case and A-labels; {@code *.example.org} for all below one
     * @param clientCa who may vouch for clients (PEM), whose certificates can stand for a password then; null for nobody
     * @param proxyFrom networks of proxies, which say by the PROXY protocol who their client is
     */
    public record Listener(
            String name,
            InetSocketAddress address,
            Tls tls,
            Auth auth,
            boolean authInClear,
            List<Network> relayFrom,
            Set<String> acceptFor,
            List<Network> proxyFrom,
            Handling handling,
            ListenerLimits limits,
            @Nullable Path clientCa) {

        /** One with the usual limits. */
        public Listener(
                String name,
                InetSocketAddress address,
                Tls tls,
                Auth auth,
                boolean authInClear,
                List<Network> relayFrom,
                Set<String> acceptFor,
                List<Network> proxyFrom,
                Handling handling) {
            this(
                    name,
                    address,
                    tls,
                    auth,
                    authInClear,
                    relayFrom,
                    acceptFor,
                    proxyFrom,
                    handling,
                    ListenerLimits.USUAL,
                    null);
        }

        /** The same within other limits. */
        public Listener within(ListenerLimits others) {
            return new Listener(
                    name, address, tls, auth, authInClear, relayFrom, acceptFor, proxyFrom, handling, others, clientCa);
        }

        /** The same whose clients may show certificates that these authorities have vouched for. */
        public Listener vouchedFor(@Nullable Path authorities) {
            return new Listener(
                    name,
                    address,
                    tls,
                    auth,
                    authInClear,
                    relayFrom,
                    acceptFor,
                    proxyFrom,
                    handling,
                    limits,
                    authorities);
        }

        /** One that relays for networks, in clear and without logins. */
        public static Listener relay(String name, InetSocketAddress address, List<Network> relayFrom) {
            return new Listener(
                    name, address, Tls.NONE, Auth.NONE, false, relayFrom, Set.of(), List.of(), Handling.RELAY);
        }
    }

    /** A certificate, with those that vouch for it behind it, and its key (PKCS #8, not encrypted), both in PEM. */
    public record CertificateFiles(Path certificate, Path privateKey) {}
}
