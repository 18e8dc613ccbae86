package org.postroad.deliverer.config;

import java.net.Inet4Address;
import java.net.InetAddress;

/** Which of the two kinds of address connections may go to. */
public enum AddressFamily {
    ANY("IPv4 or IPv6"),
    IPV4("IPv4"),
    IPV6("IPv6");

    private final String text;

    AddressFamily(String text) {
        this.text = text;
    }

    /** The family of an address; an IPv4 address in IPv6 form is an IPv4 address to Java. */
    public static AddressFamily of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    public boolean includes(AddressFamily family) {
        return this == ANY || this == family;
    }

    public boolean includes(InetAddress address) {
        return includes(of(address));
    }

    /** The other one, of one. */
    public AddressFamily other() {
        return switch (this) {
            case ANY -> ANY;
            case IPV4 -> IPV6;
            case IPV6 -> IPV4;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
