package org.postroad.ingress.hook;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A program that is asked about each message of a listener; either {@code http} or {@code milter} says where it is.
 *
 * @param timeout for each of its answers
 */
public record Hook(
        String name, @Nullable HookAddress http, @Nullable HookAddress milter, Duration timeout, OnFailure onFailure) {

    /** What becomes of a message when the hook gives no answer that can be used. */
    public enum OnFailure {
        /** Its client hears 451. */
        DEFER,
        /** It is taken as if the hook had not been asked. */
        ACCEPT
    }
}
