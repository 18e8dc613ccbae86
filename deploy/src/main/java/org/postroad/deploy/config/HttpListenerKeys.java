package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.Section;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.IngressConfig.Trace;
import org.postroad.ingress.Network;
import org.postroad.ingress.hook.Hook;

/** Where mail is posted by HTTP. */
final class HttpListenerKeys {
    private static final String LOOPBACK = "[\"127.0.0.0/8\", \"::1/128\"]";

    private HttpListenerKeys() {}

    static Listener read(Section listener) {
        String name = listener.key(
                "name",
                IngressKeys.LISTENER_NAME,
                Default.none("api"),
                "a label of metrics, and of one listener alone");
        InetSocketAddress address = listener.key(
                "address",
                Forms.ADDRESS_AND_PORT,
                Default.none("127.0.0.1:8025"),
                "where it listens; port 0 takes a free one");
        Tls tls = listener.key(
                "tls", Forms.oneOf(Tls.NONE, Tls.IMPLICIT), "none", "`implicit`: HTTPS; needs `ingress.certificates`");
        Auth auth = auth(listener);
        boolean authInClear = listener.key(
                "auth-in-clear",
                Forms.YES_OR_NO,
                "false",
                "whether passwords are taken without TLS, as behind a proxy that ends it");
        List<Network> relayFrom = relayFrom(listener, auth);
        List<Network> proxyFrom = listener.key(
                "proxy-from",
                IngressKeys.NETWORK.list(),
                Default.of("[]", "[192.0.2.0/28]"),
                "as of `ingress.listeners[].proxy-from`");
        Trace trace = listener.key("trace", Forms.oneOf(Trace.values()), "full", "as of `ingress.listeners[].trace`");
        List<Hook> hooks = IngressKeys.hooks(listener, "as of `ingress.listeners[].hooks`, before the 202");
        return new Listener(
                name,
                address,
                tls,
                auth,
                authInClear,
                relayFrom,
                Set.of(),
                proxyFrom,
                // As applications write messages: in lines that end as on their system, without a date, with blind
                // copies.
                new Handling(Role.SUBMISSION, trace, BareNewlines.NORMALIZE, hooks));
    }

    private static Auth auth(Section listener) {
        return listener.key(
                "auth",
                Forms.oneOf(Auth.values()),
                "none",
                "whether clients may (`offered`) or must (`required`) log in by Basic authentication; needs `ingress.users-file`");
    }

    private static List<Network> relayFrom(Section listener, Auth auth) {
        return listener.key(
                "relay-from",
                IngressKeys.NETWORK.list(),
                Default.derived(
                        () -> auth == Auth.NONE ? LOOPBACK : "[]",
                        "`" + LOOPBACK + "` where nobody logs in, else `[]`",
                        LOOPBACK),
                "who may send without logging in; all others hear 401 or 403. A private address never does with a request that a"
                        + " proxy says it hands on (`Forwarded`, `Via`, `X-Forwarded-For`, `X-Real-IP`)");
    }
}
