package org.postroad.schemas;

import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/** Kafka's word that we may not do something, however deep its clients wrap it: to try again does not help. */
public final class Refusal {
    private Refusal() {}

    /** The refusal among an exception and its causes, if there is one. */
    public static @Nullable AuthorizationException in(@Nullable Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(20)
                .filter(AuthorizationException.class::isInstance)
                .map(AuthorizationException.class::cast)
                .findFirst()
                .orElse(null);
    }
}
