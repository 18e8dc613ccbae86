package org.postroad.schemas;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mail whose sender wants it to go only where every hop is encrypted, proven and promises the same (RFC 8689): its envelope has this
 * word in {@code requires}, which alone says so.
 */
public final class RequireTls {
    /** In {@code requires}: whoever does not know it would send the mail to whoever answers, in clear perhaps. */
    public static final String WORD = "require-tls";

    private RequireTls() {}

    public static boolean isAskedFor(Envelope envelope) {
        @Nullable List<String> required = envelope.getRequires();
        return required != null && required.contains(WORD);
    }

    /** What an envelope requires of its readers, this word with it where it is asked for; null for nothing. */
    public static @Nullable List<String> with(@Nullable List<String> others, boolean isAskedFor) {
        if (!isAskedFor) {
            return others;
        }
        List<String> all = others == null ? new ArrayList<>(1) : new ArrayList<>(others);
        all.add(WORD);
        return all;
    }
}
