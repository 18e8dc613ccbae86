package org.postroad.ingress.quota;

/** Of whom a limit is. */
public enum Subject {
    /** Who has logged in. */
    USER("user"),
    /** All users who belong together. */
    TENANT("tenant"),
    /** An IPv4 address, or an IPv6 network of 64 bits, which is one host. */
    CLIENT("client"),
    /** An IPv4 network of 24 bits, or an IPv6 one of 48. */
    NETWORK("network");

    final String word;

    Subject(String word) {
        this.word = word;
    }
}
