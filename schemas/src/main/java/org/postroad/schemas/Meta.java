package org.postroad.schemas;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The map of words that an envelope carries: what clients and hooks gave a message, so that they know it again in its events, and a
 * few words of our own, which nobody else may set.
 */
public final class Meta {
    /** The message's {@link MessageId}. */
    static final String MESSAGE_ID = "message-id";

    /** The time of {@link FutureRelease}, which {@code notBefore} no longer says once the mail was tried. */
    static final String RELEASED = "released";

    /** How often in a row a deliverer sent the message back to be routed afresh at once. */
    static final String REROUTED = "rerouted";

    /** When an operator let a held message go on. */
    static final String LET_PAST = "let-past";

    private static final Set<String> OURS = Set.of(MESSAGE_ID, RELEASED, REROUTED, LET_PAST);

    private Meta() {}

    /** Whether this word is ours, so that nobody else may set it. */
    public static boolean isOurs(String name) {
        return OURS.contains(name);
    }

    /** What was given with a message, by name; empty for nearly all. */
    public static Map<String, String> given(Envelope envelope) {
        Map<String, String> all = envelope.getMeta();
        if (OURS.containsAll(all.keySet())) {
            return Map.of();
        }
        Map<String, String> given = new TreeMap<>(all);
        given.keySet().removeAll(OURS);
        return given;
    }
}
