package org.postroad.ingress.auth;

import org.jspecify.annotations.Nullable;

/** The server's end of one exchange of SASL (RFC 4422): hears what the client answers and says what comes next; nothing is thrown. */
public interface Mechanism {

    /** What comes next. */
    sealed interface Step {
        /** The client is asked. */
        record Challenge(byte[] octets) implements Step {}

        /** The password has to be checked, which takes its time. */
        record Check(String user, byte[] password) implements Step {}

        /** The client is who it says. */
        record Proven(String user) implements Step {}

        /** It is not, or nobody can tell which of both. */
        enum Refused implements Step {
            WRONG,
            /** Its answer is no answer to this mechanism. */
            MALFORMED
        }
    }

    /** Whether the client sends the password itself, so that one which was right before is known again. */
    boolean sendsPassword();

    /** Whether it proves something that others can guess at. */
    default boolean canBeGuessed() {
        return true;
    }

    /** Who the client says it is, as far as it has said so; empty until then. */
    String user();

    /**
     * The first step.
     *
     * @param initial what came with AUTH itself, null when nothing did
     */
    Step begin(byte @Nullable [] initial);

    Step answered(byte[] octets);
}
