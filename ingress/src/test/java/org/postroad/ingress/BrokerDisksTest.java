package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.util.concurrent.DefaultEventExecutor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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
import org.junit.jupiter.params.provider.ValueSource;
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
        assertThat(BrokerRoom.room(disks, "ours.", size -> size / 10)).isEqualTo(7 * MIB - 10 * MIB);
        assertThat(BrokerRoom.room(disks, "ours.", size -> 0)).isEqualTo(7 * MIB);
        assertThat(BrokerRoom.room(disks, "others.", size -> 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aBrokerThatDoesNotSayHowLargeItsDisksAreHasRoom() {
        LogDirDescription old = new LogDirDescription(null, replicas("ours.inbound"));
        assertThat(BrokerRoom.room(List.of(old), "ours.", size -> size)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aBrokerThatDoesNotAnswerIsAsItWasAndTheOthersAreHeard() {
        BrokerRoom room = new BrokerRoom("ours.", size -> 10 * MIB);
        assertThat(room.after(List.of(1, 2), Map.of(1, saying(7), 2, saying(50))))
                .isEqualTo(-3 * MIB);
        assertThat(room.after(List.of(1, 2), Map.of(2, saying(50))))
                .as("the full one is silent")
                .isLessThanOrEqualTo(0);
        assertThat(room.after(List.of(1, 2), Map.of(1, saying(60)))).isPositive();
        assertThat(room.after(List.of(1, 2), Map.of(1, saying(8))))
                .as("another is silent")
                .isEqualTo(-2 * MIB);
        assertThat(room.after(List.of(2), Map.of())).as("it is gone for good").isPositive();
    }

    @Test
    void aDiskAtTheLimitIsNotFullInTurns() {
        BrokerRoom room = new BrokerRoom("ours.", size -> 8 * MIB);
        assertThat(room.after(List.of(1), Map.of(1, saying(9)))).isEqualTo(MIB);
        assertThat(room.after(List.of(1), Map.of(1, saying(8)))).isZero();
        assertThat(room.after(List.of(1), Map.of(1, saying(9)))).isZero();
        assertThat(room.after(List.of(1), Map.of(1, saying(10)))).isEqualTo(MIB);
        assertThat(room.after(List.of(1), Map.of(1, saying(9)))).isEqualTo(MIB);
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

    @ParameterizedTest(name = "beside one that does not answer: {0}")
    @ValueSource(booleans = {false, true})
    @Tag("broker")
    @Tag("long")
    void aRealBrokerTellsWhenItsDiskIsNearlyFullAndWhenItHasRoomAgain(boolean besides, @TempDir Path directory)
            throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        AtomicLong least = new AtomicLong(Long.MAX_VALUE);
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
                Admin admin = Admin.create(
                        KafkaSettings.local(broker.bootstrapServers()).admin("test"))) {
            admin.createTopics(List.of(new NewTopic("ours.inbound", 1, (short) 1)))
                    .all()
                    .get();
            try (BrokerDisks disks =
                    new BrokerDisks(besides ? askingTheDead(admin) : admin, "ours.", executor, size -> {
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

    /** Asks a broker of the disks that is not there, too. */
    private static Admin askingTheDead(Admin admin) {
        Class<?>[] asked = {Admin.class};
        return (Admin) Proxy.newProxyInstance(Admin.class.getClassLoader(), asked, (proxy, method, arguments) -> {
            if (method.getName().equals("describeLogDirs")) {
                List<Object> brokers = new ArrayList<>((Collection<?>) arguments[0]);
                brokers.add(99);
                arguments[0] = brokers;
            }
            return method.invoke(admin, arguments);
        });
    }

    /** The disk's size was heard, and what follows from it was done. */
    private static void awaitAnswer(BlockingQueue<Long> asked, DefaultEventExecutor executor)
            throws InterruptedException {
        assertThat(asked.poll(60, TimeUnit.SECONDS)).as("octets of the disk").isGreaterThan(GIB);
        executor.submit(() -> {}).sync();
    }

    private static List<LogDirDescription> saying(long usableMebibytes) {
        return List.of(disk("ours.inbound", usableMebibytes));
    }

    private static LogDirDescription disk(String topic, long usableMebibytes) {
        return new LogDirDescription(null, replicas(topic), 100 * MIB, usableMebibytes * MIB);
    }

    private static Map<TopicPartition, ReplicaInfo> replicas(String topic) {
        return Map.of(new TopicPartition(topic, 0), new ReplicaInfo(1, 0, false));
    }
}
