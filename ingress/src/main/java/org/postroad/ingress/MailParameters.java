package org.postroad.ingress;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Reply;

/** The parameters of a MAIL command, at most once each. */
final class MailParameters {
    private static final int SIZE_DIGITS = 20; // RFC 1870 section 4

    private static final Pattern SPACES = Pattern.compile(" +");

    private final Set<String> seen = new HashSet<>(4);
    private long size = -1;
    private boolean eightBit;
    private boolean smtpUtf8;

    /** Reads them all; the reply that refuses one, or null. */
    @Nullable
    Reply read(String parameters) {
        if (parameters.isEmpty()) {
            return null;
        }
        for (String parameter : SPACES.split(parameters)) {
            int equals = parameter.indexOf('=');
            String keyword = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? null : parameter.substring(equals + 1);
            keyword = Ascii.upper(keyword);
            Reply refusal = seen.add(keyword) ? read(keyword, value) : Replies.DUPLICATE_PARAMETER;
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /** Octets announced, or -1. */
    long size() {
        return size;
    }

    boolean eightBit() {
        return eightBit;
    }

    boolean smtpUtf8() {
        return smtpUtf8;
    }

    private @Nullable Reply read(String keyword, @Nullable String value) {
        return switch (keyword) {
            case "SIZE" -> value != null && readSize(value) ? null : Replies.BAD_ARGUMENTS;
            case "BODY" -> value != null && readBody(value) ? null : Replies.BAD_ARGUMENTS;
            case "SMTPUTF8" -> {
                smtpUtf8 = true;
                yield value == null ? null : Replies.BAD_ARGUMENTS;
            }
            case "AUTH" ->
                value != null && !value.isEmpty()
                        ? null
                        : Replies.BAD_ARGUMENTS; // believed of nobody (RFC 4954 section 5)
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
}
