package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Event;

class StoredEventTest {
    @Test
    void countsRecipientsWithoutATree() {
        byte[] value = Event.of(
                        Event.Kind.DELIVERED,
                        0,
                        Mails.envelope("Q", "a@x.test", "b@x.test"),
                        Mails.recipients("a@x.test", "b@x.test"))
                .with("nested", java.util.List.of("recipients", "event"))
                .toJson();
        assertThat(StoredEvent.fate(value)).isEqualTo(new StoredEvent.Fate("delivered", 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1]",
                "null",
                "{\"recipients\": [\"a\"]}",
                "not json",
                "{\"event\": \"x\", \"recipients\": ["
            })
    void whatIsNoEventIsPassedOver(String value) {
        assertThat(StoredEvent.fate(value.getBytes(UTF_8))).isNull();
        assertThat(StoredEvent.parse(value.getBytes(UTF_8))).isNull();
    }

    @Test
    void findsOctetsAnywhere() {
        byte[] text = "aabaac".getBytes(UTF_8);
        assertThat(Story.contains(text, "aac".getBytes(UTF_8))).isTrue();
        assertThat(Story.contains(text, "aad".getBytes(UTF_8))).isFalse();
        assertThat(Story.contains(text, "aabaacd".getBytes(UTF_8))).isFalse();
    }

    @Test
    void aWholeSecondComesBeforeItsFractions() {
        StoredEvent whole = Objects.requireNonNull(parsed("2026-01-01T00:00:00Z"));
        StoredEvent fraction = Objects.requireNonNull(parsed("2026-01-01T00:00:00.001Z"));
        assertThat(whole.instant()).isBefore(fraction.instant());
        assertThat(Objects.requireNonNull(parsed("yesterday")).instant()).isEqualTo(Instant.EPOCH);
    }

    private static @Nullable StoredEvent parsed(String at) {
        return StoredEvent.parse(("{\"event\":\"x\",\"at\":\"" + at + "\"}").getBytes(UTF_8));
    }
}
