package org.postroad.schemas.policy;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Durations;

/**
 * Reads the settings of one policy, in the forms that the configuration file has; null where the policy does not set it.
 *
 * <p>A value that means nothing is an {@link IllegalArgumentException} with words for the operator.
 */
public final class PolicySettings {
    private final StandingPolicy policy;

    PolicySettings(StandingPolicy policy) {
        this.policy = policy;
    }

    /** Whose they are. */
    public StandingPolicy policy() {
        return policy;
    }

    /** A whole number, at least 1. */
    public @Nullable Integer count(String name) {
        return read(name, text -> {
            if (!text.matches("[1-9][0-9]{0,8}")) {
                throw new IllegalArgumentException("a whole number, at least 1");
            }
            return Integer.valueOf(text);
        });
    }

    public @Nullable Duration duration(String name) {
        return read(name, Durations::parse);
    }

    /** Each read by its form, with commas between them. */
    public <T> @Nullable List<T> list(String name, Function<String, T> form) {
        return read(name, text -> Stream.of(text.split(",", -1))
                .map(one -> form.apply(one.trim()))
                .toList());
    }

    /**
     * One setting; null where there is none, or none that can be read.
     *
     * @param form throws IllegalArgumentException that says what is wanted
     */
    public <T> @Nullable T read(String name, Function<String, T> form) {
        String text = policy.settings().get(name);
        try {
            return text == null ? null : form.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " " + text + ": wanted is " + e.getMessage(), e);
        }
    }
}
