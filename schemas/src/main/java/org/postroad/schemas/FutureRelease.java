package org.postroad.schemas;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mail that its sender wants to be sent not before a time (RFC 4865): {@code notBefore} of its envelope, which says otherwise only when
 * mail is tried again, may not be undercut where {@code requires} has this word.
 */
public final class FutureRelease {
    /** In {@code requires}: whoever does not know it would send the mail too early. */
    public static final String WORD = "future-release";

    /** As long as content outlives its mail's lifetime and the time for which dead letters can be replayed. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private FutureRelease() {}

    /** What an envelope requires of its readers. */
    public static List<String> required() {
        return List.of(WORD);
    }

    /** Whether the envelope's time is the sender's. */
    public static boolean isAskedFor(Envelope envelope) {
        @Nullable List<String> required = envelope.getRequires();
        return required != null && required.contains(WORD);
    }

    /** Whether it may not be sent yet. */
    public static boolean isHeld(Envelope envelope, long nowMillis) {
        return envelope.getNotBefore() > nowMillis && isAskedFor(envelope);
    }
}
