package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.QueueIds;

/** What waits, as it is read from topics that were written by hand. */
@Tag("broker")
class WaitingTest {
    private static @Nullable EmbeddedBroker broker;
    private static int tests;

    private final QueueIds queueIds = new QueueIds(Clock.systemUTC(), new Random(6));
    private WrittenTopics road;
    private String changelog;

    @BeforeAll
    static void startBroker(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
    }

    @AfterAll
    static void endBroker() {
        Objects.requireNonNull(broker).close();
    }

    @BeforeEach
    void start() {
        road = new WrittenTopics(Objects.requireNonNull(broker), "waiting" + ++tests + ".");
        changelog = road.topics.parkedChangelog().name();
    }

    @AfterEach
    void end() {
        road.close();
    }

    @Test
    void parkedIsWhatWasParkedAndNotReleasedInAnyPartition() throws Exception {
        park(0, "one", "a", "b");
        park(1, "two", "c");
        park(0, "three", "d");
        release(0, "one");
        park(3, "four", "e", "f", "g");
        release(3, "never parked");
        park(1, "two", "c", "c2");
        Waiting.Parked<String> parked = waiting().parked((envelope, kept) -> null);
        assertThat(parked.recipients()).isEqualTo(1 + 3 + 2);
        assertThat(parked.noted()).isEmpty();
    }

    @Test
    void aNoteGoesWithItsShare() throws Exception {
        park(0, "one", "a");
        park(0, "two", "b");
        park(0, "three", "c");
        release(0, "two");
        Waiting.Parked<String> parked = waiting()
                .parked((envelope, kept) ->
                        envelope.getRecipients().get(0).getAddress().equals("c") ? null : "noted");
        assertThat(parked).isEqualTo(new Waiting.Parked<>(1, parked.noted()));
        assertThat(parked.noted()).containsExactly("noted");
    }

    @Test
    void moreMayBeParkedThanFitsInTheHeap() throws Exception {
        String wanted = queueIds.next();
        ByteBuffer content = ByteBuffer.allocate(200_000);
        int shares = (int) (Runtime.getRuntime().maxMemory() / content.capacity() * 5 / 4);
        for (int i = 0; i < shares; i++) {
            Envelope envelope = Mails.envelope(i == 1_500 ? wanted : queueIds.next(), "r" + i + "@slow.test");
            envelope.put("content", new InlineContent(content));
            road.put(changelog, i % 4, ("share" + i).getBytes(UTF_8), envelope);
        }
        road.producer.flush();
        assertThat(Story.of(wanted, road.cluster, road.schemas).waiting())
                .containsExactly("waiting for DNS: r1500@slow.test");
        assertThat(road.ledger().balance().terms().parked()).isEqualTo(shares);
    }

    @Test
    void whatWasTrimmedSinceTheCutMakesItNotWhole() throws Exception {
        String inbound = road.topics.inbound().name();
        road.put(inbound, Mails.envelope("Q1", "a"));
        road.put(inbound, Mails.envelope("Q2", "b"));
        Cut cut = road.cluster.cut();
        List<Envelope> all = new ArrayList<>();
        Waiting before = new Waiting(road.cluster, cut, road.schemas);
        before.onInbound(all::add);
        assertThat(all).hasSize(2);
        assertThat(before.isWhole()).isTrue();

        road.cluster.deleteBefore(Map.of(new TopicPartition(inbound, 0), 1L));
        Waiting after = new Waiting(road.cluster, cut, road.schemas);
        after.onInbound(all::add);
        assertThat(all).hasSize(3);
        assertThat(after.isWhole()).isFalse();
    }

    private Waiting waiting() {
        return new Waiting(road.cluster, road.cluster.cut(), road.schemas);
    }

    private void park(int partition, String key, String... addresses) throws Exception {
        road.put(changelog, partition, key.getBytes(UTF_8), Mails.envelope(queueIds.next(), addresses))
                .get();
    }

    private void release(int partition, String key) throws Exception {
        road.put(changelog, partition, key.getBytes(UTF_8), null).get();
    }
}
