package org.postroad.ingress;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.ingress.quota.Sender;
import org.postroad.schemas.Mailbox;

/**
 * Who a client is and what it may do here, as far as it is known by now.
 *
 * @param isTrusted whether it comes from a network that the listener relays for
 * @param tls null while it speaks in clear
 * @param user null until it has logged in
 */
record Admission(
        Listener listener,
        InetAddress address,
        boolean isTrusted,
        @Nullable TlsFacts tls,
        @Nullable String user) implements Sender {
    private static final int IPV4_NETWORK_OCTETS = 3; // a /24
    private static final int IPV6_HOST_OCTETS = 8; // a /64
    private static final int IPV6_NETWORK_OCTETS = 6; // a /48, what one site is given

    /** One that the connection comes from. */
    static Admission of(Listener listener, InetAddress address) {
        return new Admission(listener, address, Network.anyContains(listener.relayFrom(), address), null, null);
    }

    /**
     * One that a proxy names. An address that belongs to no one network in the world may be the proxy's own neighbour or a stranger
     * behind another translation of addresses, so it gains no trust.
     */
    static Admission named(Listener listener, InetAddress address) {
        boolean isTrusted = !Network.isPrivate(address) && Network.anyContains(listener.relayFrom(), address);
        return new Admission(listener, address, isTrusted, null, null);
    }

    /** One that a proxy does not name, known by the proxy's address alone: a check of health, most likely. */
    static Admission unnamed(Listener listener, InetAddress proxy) {
        return new Admission(listener, proxy, false, null, null);
    }

    /** Whether mail for the mailbox is taken from this client; whoever takes any takes the postmaster's (RFC 5321 section 4.5.1). */
    boolean mayName(Mailbox recipient, Mailbox postmaster) {
        if (mayRelay() || !listener.acceptFor().isEmpty() && recipient.equals(postmaster)) {
            return true;
        }
        String domain = recipient.canonicalDomain();
        if (listener.acceptFor().contains(domain)) {
            return true;
        }
        for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
            if (listener.acceptFor().contains("*" + domain.substring(dot))) {
                return true;
            }
        }
        return false;
    }

    Admission protectedBy(TlsFacts facts) {
        return new Admission(listener, address, isTrusted, facts, null);
    }

    Admission loggedIn(String name) {
        return new Admission(listener, address, isTrusted, tls, name);
    }

    Admission loggedOut() {
        return new Admission(listener, address, isTrusted, tls, null);
    }

    /** Whether it can have TLS and has not. */
    boolean mayStartTls() {
        return listener.tls() == Tls.STARTTLS && tls == null;
    }

    /** Whether it can log in now and has not. */
    boolean mayLogIn() {
        return listener.auth() != Auth.NONE && user == null && (tls != null || listener.authInClear());
    }

    /**
     * Whether nothing is taken from it before it logs in: what is offered now may be for after that. A stranger whose mail is taken uses
     * what is offered at once, and would take its refusal for that of the mail.
     */
    boolean isNobodyBeforeLogin() {
        return mayLogIn() && (mustLogIn() || !isTrusted && listener.acceptFor().isEmpty());
    }

    /** Whether it has to log in before it sends. */
    boolean mustLogIn() {
        return listener.auth() == Auth.REQUIRED && user == null;
    }

    /** Whether it may name recipients anywhere. */
    boolean mayRelay() {
        return isTrusted || user != null;
    }

    /**
     * Whether it may ask for reports (RFC 3461). Strangers may name any sender, and a report of success for each of their messages
     * would go to whomever they name.
     */
    boolean mayAskForReports() {
        return mayRelay();
    }

    /** Names of it that somebody has vouched for. */
    List<String> certified() {
        return tls == null ? List.of() : tls.clientNames();
    }

    /** What counts as one host: one with IPv6 has a network of addresses for itself. */
    @Override
    public ByteBuffer host() {
        byte[] octets = address.getAddress();
        return ByteBuffer.wrap(Arrays.copyOf(octets, Math.min(octets.length, IPV6_HOST_OCTETS)));
    }

    /** What counts as its neighbours. */
    @Override
    public ByteBuffer network() {
        byte[] octets = address.getAddress();
        return ByteBuffer.wrap(Arrays.copyOf(octets, octets.length == 4 ? IPV4_NETWORK_OCTETS : IPV6_NETWORK_OCTETS));
    }

    String addressText() {
        return NetUtil.toAddressString(address);
    }

    /** RFC 5321 section 4.1.3. */
    String addressLiteral() {
        return (address instanceof Inet6Address ? "[IPv6:" : "[") + addressText() + "]";
    }
}
