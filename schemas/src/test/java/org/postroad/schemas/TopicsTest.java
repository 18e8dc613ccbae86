package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {
    private final Topics topics = new Topics(
            "p.", Topics.Size.CLUSTER, List.of(Duration.ofSeconds(30), Duration.ofHours(4)), Duration.ofDays(5));

    @Test
    void namesEveryTopicOnce() {
        assertThat(topics.all().stream().map(Topic::name))
                .containsExactly(
                        "p.inbound",
                        "p.again",
                        "p.content",
                        "p.outbound",
                        "p.retry.30s",
                        "p.retry.4h",
                        "p.held",
                        "p.failed",
                        "p.events",
                        "p.control",
                        "p.rejects",
                        "p.quotas",
                        "p.requests",
                        "p.router-parked-changelog");
    }

    @Test
    void timeNeverDeletesMailThatNobodyHandled() {
        assertThat(List.of(
                        topics.inbound(),
                        topics.again(),
                        topics.outbound(),
                        topics.held(),
                        topics.retries().get(0)))
                .allMatch(topic -> "-1".equals(topic.settings().get("retention.ms")));
        assertThat(topics.all()).allMatch(topic -> "-1".equals(topic.settings().get("retention.bytes")));
    }

    @Test
    void contentOutlivesMailAndItsReplays() {
        assertThat(topics.content().retention()).isEqualTo(Duration.ofDays(42));
    }

    @ParameterizedTest
    @CsvSource({"PT30S, 30s", "PT1M, 1m", "PT90S, 90s", "PT4H, 4h", "PT24H, 1d", "PT1S, 1s"})
    void aDelayHasOneShortText(Duration delay, String text) {
        assertThat(Topics.shortText(delay)).isEqualTo(text);
    }

    @Test
    void aDelayIsWholeSeconds() {
        assertThatThrownBy(() -> Topics.shortText(Duration.ofMillis(1500)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Topics.shortText(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shardsOfADestinationFallOnNeighbouringPartitions() {
        int first = Partitions.of("a.test", 0, 24);
        assertThat(Partitions.of("a.test", 1, 24)).isEqualTo((first + 1) % 24);
        assertThat(Partitions.of("a.test", 24, 24)).isEqualTo(first);
        assertThat(first).isBetween(0, 23);
    }
}
