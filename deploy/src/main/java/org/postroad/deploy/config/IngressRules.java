package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.Network;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Mailbox;

/** What ingress.* may say. */
final class IngressRules {
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1/128"));
    private static final IngressConfig.Listener DEFAULT_LISTENER =
            new IngressConfig.Listener("relay", new InetSocketAddress(Addresses.host("127.0.0.1"), 2525), LOOPBACK);

    private IngressRules() {}

    static IngressConfig of(String hostname, Mailbox postmaster, Settings.Ingress ingress, Duration lifetime) {
        long largest = ingress.maxMessageSize().count();
        if (largest < 1 || largest > Caps.MESSAGE_OCTETS) {
            throw ConfigurationException.of(
                    "ingress.max-message-size",
                    ingress.maxMessageSize(),
                    "from 1B to " + new Octets(Caps.MESSAGE_OCTETS));
        }
        long inline = ingress.inlineContentUpTo().count();
        if (inline > Caps.INLINE_OCTETS) {
            throw ConfigurationException.of(
                    "ingress.inline-content-up-to",
                    ingress.inlineContentUpTo(),
                    "at most " + new Octets(Caps.INLINE_OCTETS));
        }
        return new IngressConfig(hostname, postmaster, listeners(ingress.listeners()), largest, (int) inline, lifetime);
    }

    private static List<IngressConfig.Listener> listeners(List<Settings.Listener> given) {
        if (given.isEmpty()) {
            return List.of(DEFAULT_LISTENER);
        }
        List<IngressConfig.Listener> listeners = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < given.size(); i++) {
            Settings.Listener listener = given.get(i);
            String key = "ingress.listeners[" + i + "]";
            if (!listener.name().matches("[A-Za-z0-9_-]{1,32}") || !names.add(listener.name())) {
                throw ConfigurationException.of(
                        key + ".name", listener.name(), "a name of its own, of letters, digits, - and _");
            }
            only(key + ".role", listener.role(), "relay", "submission listeners come in a later version");
            only(key + ".tls", listener.tls(), "none", "listeners with TLS come in a later version");
            only(key + ".auth", listener.auth(), "none", "authentication comes in a later version");
            if (!listener.acceptFor().orElse(List.of()).isEmpty()) {
                throw ConfigurationException.of(
                        key + ".accept-for",
                        listener.acceptFor().orElseThrow(),
                        "[]: this version relays for relay-from only");
            }
            listeners.add(new IngressConfig.Listener(
                    listener.name(), listener.address(), networks(key + ".relay-from", listener.relayFrom())));
        }
        return listeners;
    }

    private static void only(String key, String value, String wanted, String why) {
        if (!value.equals(wanted)) {
            throw ConfigurationException.of(key, value, wanted + ": " + why);
        }
    }

    private static List<Network> networks(String key, List<String> texts) {
        List<Network> networks = new ArrayList<>();
        for (String text : texts) {
            try {
                networks.add(Network.parse(text));
            } catch (IllegalArgumentException e) {
                throw ConfigurationException.of(key, text, "a network such as 10.0.0.0/8 or ::1/128");
            }
        }
        return networks;
    }
}
