package org.postroad.ingress;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Reply;

/** The parameters behind a path (RFC 5321 section 4.1.1.11), each at most once. */
abstract class Parameters {
    private static final Pattern SPACES = Pattern.compile(" +");

    private final Set<String> seen = new HashSet<>(4);

    /** Reads them all; the reply that refuses one, or null. */
    @Nullable
    final Reply readAll(String parameters) {
        if (parameters.isEmpty()) {
            return null;
        }
        for (String parameter : SPACES.split(parameters)) {
            int equals = parameter.indexOf('=');
            String keyword = Ascii.upper(equals < 0 ? parameter : parameter.substring(0, equals));
            String value = equals < 0 ? null : parameter.substring(equals + 1);
            Reply refusal = seen.add(keyword) ? read(keyword, value) : Replies.DUPLICATE_PARAMETER;
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /**
     * Reads one; the reply that refuses it, or null.
     *
     * @param keyword in upper case
     * @param value null where there is no equals sign
     */
    abstract @Nullable Reply read(String keyword, @Nullable String value);
}
