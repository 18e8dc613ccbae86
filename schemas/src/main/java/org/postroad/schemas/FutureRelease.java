package org.postroad.schemas;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mail that its sender wants to be sent not before a time (RFC 4865): {@code notBefore} of its envelope, which says otherwise only when
 * mail is tried again, may not be undercut where {@code requires} has this word. The word goes
 * when a time of ours takes the place of that one, which has come by then.
 */
public final class FutureRelease {
    /** In {@code requires}: whoever does not know it would send the mail too early. */
    public static final String WORD = "future-release";

    /** As long as content outlives its mail's lifetime and the time for which dead letters can be replayed. */
    public static final Duration LONGEST = Duration.ofDays(7);

    private FutureRelease() {}

    /** What the envelope of mail for later keeps; empty for mail that may be sent at once, whose time is 0. */
    public static Map<String, String> meta(long releaseMillis) {
        return releaseMillis == 0 ? Map.of() : Map.of(Meta.RELEASED, Long.toString(releaseMillis));
    }

    /** Since when it may be sent, in milliseconds since 1970: the age of mail counts from then, as its lifetime does. */
    public static long sinceMillis(Envelope envelope) {
        long accepted = envelope.getReceived().getAt();
        String released = envelope.getMeta().get(Meta.RELEASED);
        try {
            return released == null ? accepted : Math.max(accepted, Long.parseLong(released));
        } catch (NumberFormatException foreign) {
            return accepted;
        }
    }

    /** What an envelope requires of its readers. */
    public static List<String> required() {
        return List.of(WORD);
    }

    /** Whether the envelope's time is the sender's. */
    public static boolean isAskedFor(Envelope envelope) {
        @Nullable List<String> required = envelope.getRequires();
        return required != null && required.contains(WORD);
    }

    /** What is required of readers once a time of ours stands in {@code notBefore}, before which the mail may be sent. */
    static @Nullable List<String> requiredAfter(@Nullable List<String> required) {
        if (required == null || !required.contains(WORD)) {
            return required;
        }
        List<String> others =
                required.stream().filter(word -> !word.equals(WORD)).toList();
        return others.isEmpty() ? null : others;
    }

    /** Whether it may not be sent yet. */
    public static boolean isHeld(Envelope envelope, long nowMillis) {
        return envelope.getNotBefore() > nowMillis && isAskedFor(envelope);
    }
}
