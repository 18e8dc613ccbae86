package org.postroad.schemas;

import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/** Kafka's word that we may not do something, however deep its clients wrap it: to try again does not help. */
public final class Refusal {
    /** Where a producer of Kafka 4.3 does not expect a refusal, it says so in words alone: offsets of a topic in a transaction. */
    private static final Pattern IN_WORDS = Pattern.compile(
            "Unexpected error in \\w+: (Topic|Group|Cluster|Transactional Id) authorization failed\\.", Pattern.DOTALL);

    private Refusal() {}

    /** The refusal among an exception and its causes, if there is one. */
    public static @Nullable AuthorizationException in(@Nullable Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(20)
                .map(Refusal::refusal)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable AuthorizationException refusal(Throwable thrown) {
        if (thrown instanceof AuthorizationException refusal) {
            return refusal;
        }
        String message = String.valueOf(thrown.getMessage());
        return thrown instanceof KafkaException && IN_WORDS.matcher(message).find()
                ? new AuthorizationException(message, thrown)
                : null;
    }
}
