package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.RowsForm;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.CertificateFiles;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.IngressConfig.Trace;
import org.postroad.ingress.IngressConfig.UserTerms;
import org.postroad.ingress.Network;
import org.postroad.ingress.SenderPattern;
import org.postroad.ingress.auth.UsersFile;
import org.postroad.ingress.hook.Hook;
import org.postroad.ingress.hook.HookAddress;
import org.postroad.ingress.quota.Amount;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Mailbox;

/** How mail comes in. */
final class IngressKeys {
    static final ValueForm<String> LISTENER_NAME = ValueForm.text(
            "letters, digits, `-`, `_`, at most 32",
            text -> text.matches("[A-Za-z0-9_-]{1,32}"),
            "a name of at most 32 letters, digits, - and _");
    static final ValueForm<Network> NETWORK =
            Forms.of("a network", Network::parse, Network::toString, "a network such as 10.0.0.0/8 or ::1/128");

    private static final ValueForm<String> ACCEPTED_DOMAIN = Forms.of(
            "a domain, or `*.` before one",
            IngressKeys::acceptedDomain,
            domain -> domain,
            "a domain such as example.org or *.example.org");

    private static final ValueForm<String> USER =
            ValueForm.text("a name", name -> UsersFile.isName(name), "a name of a user");
    private static final ValueForm<SenderPattern> SENDER = Forms.of(
            "an address, a domain, or `*.` before one",
            SenderPattern::parse,
            SenderPattern::toString,
            "an address or a domain such as app@example.org, example.org or *.example.org");
    private static final ValueForm<String> LABEL = ValueForm.text(
            "letters, digits, `-`, `_`, `.`, at most 64",
            text -> text.matches("[A-Za-z0-9._-]{1,64}"),
            "a name of at most 64 letters, digits, -, _ and .");
    private static final ValueForm<Amount> AMOUNT = Forms.of(
            "an amount such as `1000/h`; times are `s`, `m`, `h`, `d`",
            Amount::parse,
            Amount::toString,
            "an amount such as 10/s, 100/m, 1000/h or 10000/d");

    private static final ValueForm<HookAddress> HTTP_HOOK = Forms.of(
            "a URL such as `http://127.0.0.1:8080/mail`",
            HookAddress::ofHttp,
            HookAddress::httpText,
            "a URL such as http://127.0.0.1:8080/mail");
    private static final ValueForm<HookAddress> MILTER = Forms.of(
            "`host:port` or `unix:/path`",
            HookAddress::ofMilter,
            HookAddress::milterText,
            "an address and port such as 127.0.0.1:8891, or unix:/run/milter.sock");
    private static final Duration LONGEST_HOOK = Duration.ofMinutes(5);

    private static final List<String> USUAL_LISTENERS = List.of(
            "The usual three, with certificates and a users-file:",
            "listeners:",
            "  - {name: mx, address: \"0.0.0.0:25\", tls: starttls, relay-from: [], accept-for: [example.org]}",
            "  - {name: submission, address: \"0.0.0.0:587\", role: submission, tls: starttls, auth: required, relay-from: []}",
            "  - {name: submissions, address: \"0.0.0.0:465\", role: submission, tls: implicit, auth: required, relay-from: []}");

    private IngressKeys() {}

    private static String acceptedDomain(String text) {
        boolean below = text.startsWith("*.");
        String domain = Domain.canonical(below ? text.substring(2) : text);
        if (!Domain.isWellFormed(domain, false)) {
            throw new IllegalArgumentException(text);
        }
        return below ? "*." + domain : domain;
    }

    static IngressConfig read(Section ingress, String hostname, Mailbox postmaster, Duration lifetime) {
        List<Listener> listeners = ingress.key(
                "listeners",
                new RowsForm<>(IngressKeys::listener),
                Default.of("[{name: relay, address: \"127.0.0.1:2525\"}]").usually(USUAL_LISTENERS),
                "where SMTP is spoken");
        long maxMessageSize = ingress.key(
                "max-message-size",
                Forms.octets(1, Caps.MESSAGE_OCTETS),
                "50MiB",
                "of one message's content; said in SIZE");
        long inlineContentUpTo = ingress.key(
                "inline-content-up-to",
                Forms.octets(0, Caps.INLINE_OCTETS),
                "16KiB",
                "content that travels with its envelope; larger content goes to `content` and stays there 42 d");
        List<CertificateFiles> certificates = ingress.key(
                "certificates",
                new RowsForm<>(IngressKeys::certificate),
                Default.of("[]", "[{certificate: server.crt, private-key: server.key}]"),
                "shown to clients that ask for a name in them, the first to all others; read again when the files change");
        Optional<Path> usersFile = ingress.key(
                "users-file",
                Forms.FILE.optional(),
                Default.derived(() -> "", "none", "users"),
                "who may log in, a line each: `name:bcrypt`, as `htpasswd -B` writes it; made by `postroad users`, read again when it"
                        + " changes");
        List<UserTerms> users = ingress.key(
                "users",
                new RowsForm<>(IngressKeys::userTerms),
                Default.of("[]", "[{match: [\"shop-*\"], tenant: shop}]"),
                "what holds for users who have logged in; the first that is for a name");
        List<Quota> quotas = ingress.key(
                "quotas",
                new RowsForm<>(IngressKeys::quota),
                Default.of("[]", "[{for: user, mails: [100/m, 1000/h]}]"),
                "who may send how much; of those for users the first that matches, and so of tenants, clients and networks");
        List<Listener> httpListeners = ingress.key(
                "http-listeners",
                new RowsForm<>(HttpListenerKeys::read),
                Default.of("[]", "[{name: api, address: \"127.0.0.1:8025\"}]"),
                "where mail is posted by [HTTP](#mail-by-http)");
        int maxSessions = ingress.key(
                "max-sessions",
                Forms.count(1).where(count -> count <= 100_000, "at most 100000"),
                Integer.toString(IngressConfig.USUAL_SESSIONS),
                "of a node at once, and beside them a quarter as many connections of HTTP; for more than the default, give it more memory");
        List<String> names = Stream.concat(listeners.stream(), httpListeners.stream())
                .map(Listener::name)
                .toList();
        List<LimitKeys> limits = ingress.key(
                "limits",
                new RowsForm<>(row -> LimitKeys.read(row, names)),
                "[{listener: \"*\"}]",
                "what the clients of a listener may have; the first row that is for it, in all. What is said beyond each limit stands in"
                        + " [what a client may have](#what-a-client-may-have)");
        return new IngressConfig(
                hostname,
                postmaster,
                LimitKeys.within(limits, listeners),
                maxMessageSize,
                (int) inlineContentUpTo,
                lifetime,
                certificates,
                usersFile.orElse(null),
                users,
                quotas,
                LimitKeys.within(limits, httpListeners),
                maxSessions);
    }

    private static UserTerms userTerms(Section one) {
        List<String> names = one.key(
                "match",
                USER.list(),
                Default.none("[\"shop-*\"]"),
                "names of users; `*` at the end of one: all that begin so");
        Optional<String> tenant =
                one.key("tenant", LABEL.optional(), Default.derived(() -> "", "none", "shop"), "whom they belong to");
        Optional<String> trafficClass =
                one.key("class", LABEL.optional(), Default.derived(() -> "", "none", "bulk"), "of their mail");
        List<SenderPattern> senders = one.key(
                "senders",
                SENDER.list(),
                Default.of("[]", "[app@example.org, \"*.shop.example\"]"),
                "what they may give as sender in the envelope: addresses, domains, `*.` before one, and always `<>`;"
                        + " all others hear 550 5.7.1. `[]`: anything");
        return new UserTerms(names, tenant.orElse(null), trafficClass.orElse(null), senders);
    }

    private static Quota quota(Section one) {
        Subject subject = one.key(
                "for",
                Forms.oneOf(Subject.values()),
                Default.none("user"),
                "what each has of its own: every user, every tenant, every client (an IPv4 address, an IPv6 /64) or every network (a /24, a"
                        + " /48)");
        List<String> match = one.key(
                "match",
                USER.list(),
                Default.of("[]", "[\"shop-*\"]"),
                "for which users or tenants, `*` at the end of a name: all that begin so; `[]`: for all");
        List<Network> from = one.key(
                "from",
                NETWORK.list(),
                Default.of("[]"),
                "for clients or networks with which addresses; `[]`: for all");
        return new Quota(
                subject,
                match,
                from,
                amounts(
                        one,
                        "mails",
                        "messages: `/s` and `/m` are rates, which each node counts by itself; `/h` and `/d` are exact over all nodes"),
                amounts(one, "recipients", "the same of recipients"));
    }

    private static List<Amount> amounts(Section one, String name, String words) {
        return one.key(
                name,
                AMOUNT.list().where(IngressKeys::haveTimesOfTheirOwn, "amounts of different times"),
                Default.of("[]", "[100/m, 1000/h, 10000/d]"),
                words);
    }

    private static Listener listener(Section listener) {
        String name = listener.key(
                "name", LISTENER_NAME, Default.none("relay"), "a label of metrics, and of one listener alone");
        InetSocketAddress address = listener.key(
                "address",
                Forms.ADDRESS_AND_PORT,
                Default.none("127.0.0.1:2525"),
                "where it listens; port 0 takes a free one");
        Role role = listener.key(
                "role",
                Forms.oneOf(Role.values()),
                "relay",
                "`submission`: mail of applications and people, where a missing `Date` or `Message-ID` is added and `Bcc` taken out;"
                        + " nothing else of the content is touched");
        Tls tls = listener.key(
                "tls",
                Forms.oneOf(Tls.values()),
                "none",
                "`starttls`: offered (port 25, 587); `implicit`: from the first octet (port 465); needs `ingress.certificates`");
        Auth auth = listener.key(
                "auth",
                Forms.oneOf(Auth.values()),
                "none",
                "whether clients may (`offered`) or must (`required`) log in before they send; needs `ingress.users-file`");
        boolean authInClear = listener.key(
                "auth-in-clear",
                Forms.YES_OR_NO,
                "false",
                "whether passwords are taken without TLS, for anybody on the way to read");
        Optional<Path> clientCa = listener.key(
                "client-ca",
                Forms.FILE.optional(),
                Default.derived(() -> "", "none", "clients-ca.crt"),
                "authorities in PEM: a client whose certificate one of them vouches for may log in by it (EXTERNAL), as the"
                        + " user who has the name of an address or host in it; read again when it changes");
        List<Network> relayFrom = listener.key(
                "relay-from",
                NETWORK.list(),
                "[\"127.0.0.0/8\", \"::1/128\"]",
                "who may send through it; all others hear 550 at RCPT. From them addresses without angle brackets are taken, and"
                        + " without a domain, which are completed with that of `node.postmaster`");
        List<String> acceptFor = listener.key(
                "accept-for",
                ACCEPTED_DOMAIN.list(),
                Default.of("[]", "[example.org, \"*.example.org\"]"),
                "domains of which it is a mail exchanger: mail for them is taken from anybody. A route has to say where it goes");
        List<Network> proxyFrom = listener.key(
                "proxy-from",
                NETWORK.list(),
                Default.of("[]", "[192.0.2.0/28]"),
                "networks of proxies and load balancers: their connections must begin with a PROXY header (version 1 or 2), whose address"
                        + " is the client's for every rule; a private address never gains `relay-from` by it");
        Trace trace = listener.key(
                "trace",
                Forms.oneOf(Trace.values()),
                "full",
                "whether `Received:` says who the client is and what TLS it used, or not (`hide-client`)");
        BareNewlines bareNewlines = listener.key(
                "bare-newlines",
                Forms.oneOf(BareNewlines.values()),
                "refuse",
                "content with an LF or CR that is no part of a CRLF: `refuse` answers 550; `normalize` makes an LF a CRLF and a CR a space."
                        + " Content ends with CRLF.CRLF and nothing else in both");
        List<Hook> hooks = hooks(
                listener,
                "programs that are asked about each message after its content and before the 250, in this order");
        return new Listener(
                        name,
                        address,
                        tls,
                        auth,
                        authInClear,
                        relayFrom,
                        Set.copyOf(acceptFor),
                        proxyFrom,
                        new Handling(role, trace, bareNewlines, hooks))
                .vouchedFor(clientCa.orElse(null));
    }

    static List<Hook> hooks(Section listener, String words) {
        return listener.key(
                "hooks",
                new RowsForm<>(IngressKeys::hook),
                Default.of("[]", "[{name: opendkim, milter: \"127.0.0.1:8891\", timeout: 10s, on-failure: defer}]"),
                words);
    }

    private static Hook hook(Section one) {
        String name = one.key("name", LISTENER_NAME, Default.none("opendkim"), "a label of metrics and of the log");
        Optional<HookAddress> http = one.key(
                "http",
                HTTP_HOOK.optional(),
                Default.derived(() -> "", "none", "\"http://127.0.0.1:8080/mail\""),
                "where a question in JSON is posted; either this or `milter`");
        Optional<HookAddress> milter = one.key(
                "milter",
                MILTER.optional(),
                Default.derived(() -> "", "none", "\"127.0.0.1:8891\""),
                "where a milter listens: OpenDKIM, rspamd, ClamAV");
        Duration timeout = one.key(
                "timeout",
                Forms.DURATION.where(d -> !d.isZero() && d.compareTo(LONGEST_HOOK) <= 0, "above 0 and at most 5m"),
                "10s",
                "for each answer of it");
        Hook.OnFailure onFailure = one.key(
                "on-failure",
                Forms.oneOf(Hook.OnFailure.values()),
                "defer",
                "without an answer that can be used: `defer`: the client hears 451; `accept`: the message is taken as if the hook were not"
                        + " there");
        return new Hook(name, http.orElse(null), milter.orElse(null), timeout, onFailure);
    }

    /** Two of an hour would be one count. */
    private static boolean haveTimesOfTheirOwn(List<Amount> amounts) {
        return amounts.stream().map(Amount::per).distinct().count() == amounts.size();
    }

    private static CertificateFiles certificate(Section one) {
        Path certificate = one.key(
                "certificate",
                Forms.FILE,
                Default.none("server.crt"),
                "in PEM, with those that vouch for it behind it");
        Path key = one.key("private-key", Forms.FILE, Default.none("server.key"), "in PEM: PKCS #8, not encrypted");
        return new CertificateFiles(certificate, key);
    }
}
