package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM-SHA-256 without channel binding (RFC 5802 section 5, RFC 7677): the password itself is never sent, and the client learns that we
 * know it too. A user nobody knows gets a salt of its own, the same each time, and fails like one with a wrong password.
 */
final class ScramMechanism implements Mechanism {
    /** {@code n,} or {@code y,}, an identity to act as, the user and the client's nonce; extensions after it are not known to matter. */
    private static final Pattern FIRST =
            Pattern.compile("([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([\\x21-\\x2B\\x2D-\\x7E]+)(?:,.*)?)");

    private static final Pattern LAST = Pattern.compile("(c=([^,]+),r=([^,]+)(?:,.*)?),p=([A-Za-z0-9+/=]+)");

    private final Credentials credentials;
    private final String nonceTail;
    private String bare = "";
    private String header = "";
    private String question = "";
    private String nonce = "";
    private String user = "";
    private @Nullable ScramKeys keys;
    private boolean proven;

    /** @param nonceTail ours, printable and random */
    ScramMechanism(Credentials credentials, String nonceTail) {
        this.credentials = credentials;
        this.nonceTail = nonceTail;
    }

    @Override
    public boolean sendsPassword() {
        return false;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public Step begin(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(new byte[0]) : answered(initial);
    }

    @Override
    public Step answered(byte[] octets) {
        if (proven) {
            return octets.length == 0 ? new Step.Proven(user) : Step.Refused.MALFORMED;
        }
        String text = Credentials.text(octets, 0, octets.length);
        if (text == null) {
            return Step.Refused.MALFORMED;
        }
        return question.isEmpty() ? first(text) : last(text);
    }

    private Step first(String text) {
        Matcher parts = FIRST.matcher(text);
        String name = parts.matches() ? unescaped(parts.group(4)) : null;
        if (name == null) {
            return Step.Refused.MALFORMED;
        }
        String actsAs = parts.group(2);
        user = Normalizer.normalize(name, Normalizer.Form.NFKC);
        header = parts.group(1);
        bare = parts.group(3);
        nonce = parts.group(5) + nonceTail;
        if (actsAs != null && !name.equals(unescaped(actsAs))) {
            return Step.Refused.WRONG;
        }
        keys = credentials.scramKeys(user);
        byte[] salt = keys == null ? credentials.saltOfNobody(user) : keys.salt();
        int iterations = keys == null ? ScramKeys.LEAST_ITERATIONS : keys.iterations();
        question = "r=" + nonce + ",s=" + ScramKeys.encoded(salt) + ",i=" + iterations;
        return new Step.Challenge(question.getBytes(US_ASCII));
    }

    private Step last(String text) {
        Matcher parts = LAST.matcher(text);
        byte[] binding = parts.matches() ? base64(parts.group(2)) : null;
        byte[] proof = binding == null ? null : base64(parts.group(4));
        if (proof == null) {
            return Step.Refused.MALFORMED;
        }
        boolean ours = parts.group(3).equals(nonce) && Arrays.equals(binding, header.getBytes(UTF_8));
        String authMessage = bare + "," + question + "," + parts.group(1);
        if (keys == null || !ours || !keys.proves(proof, authMessage)) {
            return Step.Refused.WRONG;
        }
        proven = true;
        return new Step.Challenge(("v=" + ScramKeys.encoded(keys.serverSignature(authMessage))).getBytes(US_ASCII));
    }

    private static byte @Nullable [] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** RFC 5802 section 5.1: "=2C" for a comma and "=3D" for an equals sign, and no other "=". */
    private static @Nullable String unescaped(String name) {
        String text = name.replace("=2C", ",").replace("=3D", "\0");
        return text.indexOf('=') >= 0 ? null : text.replace('\0', '=');
    }
}
