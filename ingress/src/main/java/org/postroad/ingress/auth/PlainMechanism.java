package org.postroad.ingress.auth;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** PLAIN (RFC 4616): an identity to act as, which must be none or the same, the user and the password, with NULs between them. */
final class PlainMechanism implements Mechanism {
    private static final byte[] NOTHING = {};

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
        return initial == null ? new Step.Challenge(NOTHING) : answered(initial);
    }

    @Override
    public Step answered(byte[] octets) {
        int first = indexOfNul(octets, 0);
        int second = first < 0 ? -1 : indexOfNul(octets, first + 1);
        if (second < 0 || indexOfNul(octets, second + 1) >= 0) {
            return Step.Refused.MALFORMED;
        }
        String actsAs = Credentials.text(octets, 0, first);
        String name = Credentials.text(octets, first + 1, second);
        if (actsAs == null || name == null || name.isEmpty()) {
            return Step.Refused.MALFORMED;
        }
        user = name;
        byte[] password = Arrays.copyOfRange(octets, second + 1, octets.length);
        return actsAs.isEmpty() || actsAs.equals(user) ? new Step.Check(user, password) : Step.Refused.WRONG;
    }

    private static int indexOfNul(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
