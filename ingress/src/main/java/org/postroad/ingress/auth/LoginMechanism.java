package org.postroad.ingress.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/** LOGIN: the user and the password, each asked for; no RFC describes it, and many devices know nothing else. */
final class LoginMechanism implements Mechanism {
    private static final byte[] USER = "Username:".getBytes(US_ASCII);
    private static final byte[] PASSWORD = "Password:".getBytes(US_ASCII);

    private String user = "";

    @Override
    public boolean sendsPassword() {
        return true;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public Step begin(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(USER) : answered(initial);
    }

    @Override
    public Step answered(byte[] octets) {
        if (!user.isEmpty()) {
            return new Step.Check(user, octets);
        }
        String name = Credentials.text(octets, 0, octets.length);
        if (name == null || name.isEmpty()) {
            return Step.Refused.MALFORMED;
        }
        user = name;
        return new Step.Challenge(PASSWORD);
    }
}
