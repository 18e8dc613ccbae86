package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a private key in PEM (RFC 7468 section 10: PKCS #8, not encrypted). */
final class PemKey {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private PemKey() {}

    /** @throws GeneralSecurityException that says what to do */
    static PrivateKey read(byte[] file) throws GeneralSecurityException {
        String text = new String(file, ISO_8859_1);
        Matcher key = KEY.matcher(text);
        if (!key.find()) {
            Matcher other = OTHER_KEY.matcher(text);
            throw new InvalidKeyException(
                    other.find()
                            ? "holds an \"" + other.group(1) + "\"; convert it: openssl pkcs8 -topk8 -nocrypt"
                            : "holds no private key in PEM");
        }
        try {
            PKCS8EncodedKeySpec encoded =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(1)));
            for (String algorithm : ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
                } catch (InvalidKeySpecException another) {
                    // The next may be its algorithm.
                }
            }
        } catch (IllegalArgumentException notBase64) {
            throw new InvalidKeyException("its private key is damaged", notBase64);
        }
        throw new InvalidKeyException("its private key is damaged, or neither RSA nor EC nor EdDSA");
    }
}
