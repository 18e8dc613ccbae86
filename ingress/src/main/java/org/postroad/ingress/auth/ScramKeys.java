package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a server has to know of a password to take it by SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677); the password cannot be told from
 * it. As text: {@code SCRAM-SHA-256$ITERATIONS:SALT$STORED-KEY:SERVER-KEY} (RFC 5803), in Base64.
 */
public record ScramKeys(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    /** RFC 7677 section 4. */
    static final int LEAST_ITERATIONS = 4_096;

    private static final int MOST_ITERATIONS = 10_000_000;
    private static final int SALT_OCTETS = 16;
    private static final int KEY_BITS = 256;
    private static final byte[] NOTHING = {};
    private static final Pattern TEXT =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,8}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    /** Of a password, with a salt of its own; takes milliseconds. */
    public static ScramKeys of(String password) {
        byte[] salt = new byte[SALT_OCTETS];
        new SecureRandom().nextBytes(salt);
        return of(password, salt, LEAST_ITERATIONS);
    }

    static ScramKeys of(String password, byte[] salt, int iterations) {
        try {
            char[] prepared =
                    Normalizer.normalize(password, Normalizer.Form.NFKC).toCharArray();
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(prepared, salt, iterations, KEY_BITS))
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            return new ScramKeys(iterations, salt, sha256(clientKey), hmac(salted, "Server Key"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without PBKDF2", e);
        }
    }

    /** Reads the text of one; null where it is none. */
    static @Nullable ScramKeys parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        try {
            ScramKeys keys = new ScramKeys(
                    Integer.parseInt(parts.group(1)),
                    decoded(parts.group(2)),
                    decoded(parts.group(3)),
                    decoded(parts.group(4)));
            boolean sound = keys.iterations >= LEAST_ITERATIONS
                    && keys.iterations <= MOST_ITERATIONS
                    && keys.storedKey.length == KEY_BITS / 8
                    && keys.serverKey.length == KEY_BITS / 8;
            return sound ? keys : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "SCRAM-SHA-256$" + iterations + ":" + encoded(salt) + "$" + encoded(storedKey) + ":"
                + encoded(serverKey);
    }

    /** Whether the proof is of one who knows the password (RFC 5802 section 3). */
    boolean proves(byte[] proof, String authMessage) {
        byte[] signature = hmac(storedKey, authMessage);
        if (proof.length != signature.length) {
            return false;
        }
        byte[] clientKey = new byte[proof.length];
        for (int i = 0; i < proof.length; i++) {
            clientKey[i] = (byte) (proof[i] ^ signature[i]);
        }
        return MessageDigest.isEqual(sha256(clientKey), storedKey);
    }

    byte[] serverSignature(String authMessage) {
        return hmac(serverKey, authMessage);
    }

    static byte[] hmac(byte[] key, String text) {
        return hmac(key, text, NOTHING);
    }

    static byte[] hmac(byte[] key, String text, byte[] more) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(text.getBytes(UTF_8));
            return mac.doFinal(more);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without HMAC", e);
        }
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without SHA-256", e);
        }
    }

    static String encoded(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    private static byte[] decoded(String text) {
        return Base64.getDecoder().decode(text);
    }
}
