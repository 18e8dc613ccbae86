package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.concurrent.DefaultEventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.KafkaSettings;

/** Mail is refused before a broker's disk is full. */
class BrokerDisksTest {
    private static final long MIB = 1024 * 1024;
    private static final long GIB = 1024 * MIB;

    @ParameterizedTest
    @CsvSource({"1000, 1", "10, 1", "9, 0.9", "1, 0.1"})
    void aGibibyteIsLeftOrTheTenthPartOfASmallDisk(long gibibytes, double left) {
        assertThat(BrokerDisks.least(gibibytes * GIB)).isCloseTo((long) (left * GIB), within(1L));
    }

    @ParameterizedTest
    @CsvSource({"-5, 1", "0, 1", "1, 2", "10, 20", "100, 30"})
    void isAskedAgainBeforeItCanBeFull(long gibibytes, long seconds) {
        assertThat(BrokerDisks.seconds(gibibytes * GIB)).isEqualTo(seconds);
    }

    @Test
    void theFullestDiskWithATopicOfOursCounts() {
        List<LogDirDescription> disks =
                List.of(disk("ours.inbound", 50), disk("ours.outbound", 7), disk("theirs", 1), disk("ours.content", 9));
        assertThat(BrokerDisks.room(disks, "ours.", size -> size / 10)).isEqualTo(7 * MIB - 10 * MIB);
        assertThat(BrokerDisks.room(disks, "ours.", size -> 0)).isEqualTo(7 * MIB);
        assertThat(BrokerDisks.room(disks, "others.", size -> 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aBrokerThatDoesNotSayHowLargeItsDisksAreHasRoom() {
        LogDirDescription old = new LogDirDescription(null, replicas("ours.inbound"));
        assertThat(BrokerDisks.room(List.of(old), "ours.", size -> size)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void mailIsRefusedForNowWhileADiskIsFull() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.play(SmtpSessionTest.HELLO + "C: MAIL FROM:<a@x.example>\nS: 250 *\nC: RSET\nS: 250 *\n");
        session.diskFull = true;
        session.play("C: MAIL FROM:<a@x.example>\nS: 452 4.3.1 Insufficient storage*\n");
        session.diskFull = false;
        session.play("C: MAIL FROM:<a@x.example>\nS: 250 *\n");
    }

    @Test
    @Tag("broker")
    void aRealBrokerTellsWhenItsDiskIsNearlyFullAndWhenItHasRoomAgain(@TempDir Path directory) throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        AtomicLong least = new AtomicLong(Long.MAX_VALUE);
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
                Admin admin = Admin.create(
                        KafkaSettings.local(broker.bootstrapServers()).admin("test"))) {
            admin.createTopics(List.of(new NewTopic("ours.inbound", 1, (short) 1)))
                    .all()
                    .get();
            try (BrokerDisks disks = new BrokerDisks(admin, "ours.", executor, size -> {
                asked.add(size);
                return least.get();
            })) {
                disks.follow();
                awaitAnswer(asked, executor);
                assertThat(disks.areFull()).isTrue();
                least.set(0);
                awaitAnswer(asked, executor);
                assertThat(disks.areFull()).isFalse();
            }
        } finally {
            executor.shutdownGracefully().sync();
        }
    }

    /** The disk's size was heard, and what follows from it was done. */
    private static void awaitAnswer(BlockingQueue<Long> asked, DefaultEventExecutor executor)
            throws InterruptedException {
        assertThat(asked.poll(60, TimeUnit.SECONDS)).as("octets of the disk").isGreaterThan(GIB);
        executor.submit(() -> {}).sync();
    }

    private static LogDirDescription disk(String topic, long usableMebibytes) {
        return new LogDirDescription(null, replicas(topic), 100 * MIB, usableMebibytes * MIB);
    }

    private static Map<TopicPartition, ReplicaInfo> replicas(String topic) {
        return Map.of(new TopicPartition(topic, 0), new ReplicaInfo(1, 0, false));
    }
}
