package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoryOrderTest {
    private static StoredEvent event(String words) {
        String[] each = words.split(" ");
        String json =
                "{\"queueId\":\"%s\",\"event\":\"%s\",\"at\":\"2026-11-28T10:00:%sZ\"}".formatted((Object[]) each);
        return Objects.requireNonNull(StoredEvent.parse(json.getBytes(UTF_8)));
    }

    @Test
    void aMessageIsToldInTheOrderOfItsPartitionWhateverItsClocksSay() {
        List<StoredEvent> read = Stream.of(
                        "B accepted 05", "A generated 03", "B failed 02", "C generated 01", "A delivered 00")
                .map(StoryOrderTest::event)
                .toList();
        assertThat(read.stream().sorted(Story.byMessage("B")))
                .extracting(event -> event.queueId() + " " + event.kind())
                .containsExactly("B accepted", "B failed", "A generated", "A delivered", "C generated");
    }
}
