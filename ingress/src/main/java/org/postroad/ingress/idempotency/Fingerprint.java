package org.postroad.ingress.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 128 bits of SHA-256: whoever wanted two of the same would have to try 2^64 texts. */
public record Fingerprint(long high, long low) {
    private static final int OCTETS = 16;

    /** Begins one. */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What was begun, ended. */
    public static Fingerprint of(MessageDigest digest) {
        ByteBuffer octets = ByteBuffer.wrap(digest.digest());
        return new Fingerprint(octets.getLong(), octets.getLong());
    }

    /**
     * Of a key.
     *
     * @param user whose it is; empty for all who have not logged in
     */
    public static Fingerprint ofKey(String user, String key) {
        MessageDigest digest = begin();
        digest.update(user.getBytes(UTF_8));
        digest.update((byte) 0); // which no name of a user has
        digest.update(key.getBytes(UTF_8));
        return of(digest);
    }

    /** @throws java.nio.BufferUnderflowException if it is none */
    static Fingerprint of(ByteBuffer octets) {
        ByteBuffer in = octets.duplicate();
        return new Fingerprint(in.getLong(), in.getLong());
    }

    ByteBuffer octets() {
        return ByteBuffer.allocate(OCTETS).putLong(high).putLong(low).flip();
    }
}
