package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.RowsForm;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.Network;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;

/** How mail comes in. */
final class IngressKeys {
    private static final ValueForm<String> LISTENER_NAME = ValueForm.text(
            "letters, digits, `-`, `_`, at most 32",
            text -> text.matches("[A-Za-z0-9_-]{1,32}"),
            "a name of at most 32 letters, digits, - and _");
    private static final ValueForm<Network> NETWORK =
            Forms.of("a network", Network::parse, Network::toString, "a network such as 10.0.0.0/8 or ::1/128");

    private IngressKeys() {}

    static IngressConfig read(Section ingress, String hostname, Mailbox postmaster, Duration lifetime) {
        List<Listener> listeners = ingress.key(
                "listeners",
                new RowsForm<>(IngressKeys::listener),
                "[{name: relay, address: \"127.0.0.1:2525\"}]",
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
        ingress.notYet("certificates", "certificates are of no use yet: this version's listeners speak without TLS");
        ingress.notYet("users-file", "users are of no use yet: this version's listeners have no authentication");
        return new IngressConfig(hostname, postmaster, listeners, maxMessageSize, (int) inlineContentUpTo, lifetime);
    }

    private static Listener listener(Section listener) {
        String name = listener.key(
                "name", LISTENER_NAME, Default.none("relay"), "a label of metrics, and of one listener alone");
        InetSocketAddress address = listener.key(
                "address",
                Forms.ADDRESS_AND_PORT,
                Default.none("127.0.0.1:2525"),
                "where it listens; port 0 takes a free one");
        later(listener, "role", "relay", "submission listeners come in a later version");
        later(listener, "tls", "none", "listeners with TLS come in a later version");
        later(listener, "auth", "none", "authentication comes in a later version");
        List<Network> relayFrom = listener.key(
                "relay-from",
                NETWORK.list(),
                "[\"127.0.0.0/8\", \"::1/128\"]",
                "who may send through it; all others hear 550 at RCPT. From them addresses without angle brackets are taken, and"
                        + " without a domain, which are completed with that of `node.postmaster`");
        listener.key(
                "accept-for",
                Forms.TEXT.list().where(List::isEmpty, "[]: this version relays for relay-from only"),
                "[]",
                "only `[]`: this version relays for `relay-from` only");
        return new Listener(name, address, relayFrom);
    }

    private static void later(Section listener, String name, String only, String why) {
        listener.key(name, Forms.only(only, why), only, why);
    }
}
