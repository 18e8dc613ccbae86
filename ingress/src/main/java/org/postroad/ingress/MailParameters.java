package org.postroad.ingress;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Body;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reply;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Xtext;

/** Reads the parameters of a MAIL command. */
final class MailParameters extends Parameters {
    private static final int SIZE_DIGITS = 20; // RFC 1870 section 4

    private long size = -1;
    private boolean eightBit;
    private boolean smtpUtf8;
    private @Nullable Ret ret;
    private @Nullable String envelopeId;
    private @Nullable ReleaseTime release;
    private boolean requireTls;

    /** What was read. */
    MailOptions options() {
        Body body = eightBit ? Body.EIGHT_BIT_MIME : Body.SEVEN_BIT;
        return new MailOptions(size, body, smtpUtf8, ret, envelopeId, release, requireTls);
    }

    @Override
    @Nullable
    Reply read(String keyword, @Nullable String value) {
        return switch (keyword) {
            case "SIZE" -> value != null && readSize(value) ? null : Replies.BAD_ARGUMENTS;
            case "BODY" -> value != null && readBody(value) ? null : Replies.BAD_ARGUMENTS;
            case "SMTPUTF8" -> {
                smtpUtf8 = true;
                yield value == null ? null : Replies.BAD_ARGUMENTS;
            }
            case "REQUIRETLS" -> {
                requireTls = true;
                yield value == null ? null : Replies.BAD_ARGUMENTS;
            }
            case "AUTH" ->
                value != null && !value.isEmpty()
                        ? null
                        : Replies.BAD_ARGUMENTS; // believed of nobody (RFC 4954 section 5)
            case "RET" -> value != null && readRet(value) ? null : Replies.BAD_ARGUMENTS;
            case "ENVID" -> value != null && readEnvelopeId(value) ? null : Replies.BAD_ARGUMENTS;
            case "HOLDFOR" -> value != null && readRelease(ReleaseTime.holdFor(value)) ? null : Replies.BAD_ARGUMENTS;
            case "HOLDUNTIL" ->
                value != null && readRelease(ReleaseTime.holdUntil(value)) ? null : Replies.BAD_ARGUMENTS;
            default -> Replies.UNKNOWN_PARAMETER;
        };
    }

    private boolean readSize(String value) {
        boolean digits = !value.isEmpty()
                && value.length() <= SIZE_DIGITS
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits) {
            // Twenty digits may exceed a long, or begin with zeros.
            size = new BigInteger(value).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
        }
        return digits;
    }

    private boolean readBody(String value) {
        eightBit = Ascii.equalsIgnoringCase(value, "8BITMIME");
        return eightBit || Ascii.equalsIgnoringCase(value, "7BIT");
    }

    private boolean readRet(String value) {
        ret = Ascii.equalsIgnoringCase(value, "FULL") ? Ret.FULL : Ret.HDRS;
        return ret == Ret.FULL || Ascii.equalsIgnoringCase(value, "HDRS");
    }

    private boolean readEnvelopeId(String value) {
        envelopeId = value;
        return !value.isEmpty() && value.length() <= Caps.ENVELOPE_ID_OCTETS && Xtext.isWellFormed(value);
    }

    /** One of both, not both (RFC 4865 section 5). */
    private boolean readRelease(@Nullable ReleaseTime time) {
        boolean isOnly = release == null;
        release = time;
        return isOnly && time != null;
    }
}
