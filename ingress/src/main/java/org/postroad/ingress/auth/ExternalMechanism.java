package org.postroad.ingress.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** EXTERNAL (RFC 4422 appendix A): the client is whom its certificate names; it may say whom, where there are several, or nothing. */
final class ExternalMechanism implements Mechanism {
    private static final byte[] NOTHING = {};

    private final List<String> users;
    private String user = "";

    /** @param users whom a verified certificate names, one at least */
    ExternalMechanism(List<String> users) {
        this.users = users;
    }

    @Override
    public boolean sendsPassword() {
        return false;
    }

    /** Nothing is guessed: who guesses elsewhere bars nobody here. */
    @Override
    public boolean canBeGuessed() {
        return false;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public Step begin(byte @Nullable [] initial) {
        return initial == null ? new Step.Challenge(NOTHING) : answered(initial);
    }

    @Override
    public Step answered(byte[] octets) {
        String wanted = Credentials.text(octets, 0, octets.length);
        if (wanted == null) {
            return Step.Refused.MALFORMED;
        }
        user = wanted.isEmpty() ? users.get(0) : wanted;
        return users.contains(user) ? new Step.Proven(user) : Step.Refused.WRONG;
    }
}
