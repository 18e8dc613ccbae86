package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Job;

/** Releases of one partition of held mail, turn by turn, on Kafka's mock clients, with time standing still. */
class HeldJobsTest extends RetryJobsBench {
    private static final TopicPartition HELD = new TopicPartition("p.held", 0);

    HeldJobsTest() {
        super(HELD, Job.Action.RELEASE);
    }

    @Test
    void whatIsMeantIsReleasedAndTheRestStaysWhateverTheTime() {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        clock.advance(Duration.ofHours(3));
        turns();
        assertThat(written()).isEmpty();
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test", "released 000000000001 b@b.test");
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "early1 1 :000000000001@3/2/2"));
        reader.heard(job(2, Map.of("all", "true"), 3));
        turns();
        assertThat(written()).hasSize(3);
        assertThat(committed().offset()).as("nothing is held").isEqualTo(3);
    }

    @Test
    void whatWentWrongBeforeCountsNoMoreAndAttemptsDo() throws Exception {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        reader.heard(job(1, Map.of("all", "true"), 1));
        turns();
        Recipient freed =
                codec.decode(producer.history().get(0).value()).getRecipients().get(0);
        assertThat(freed.getFaults()).isZero();
        assertThat(freed.getAttempts()).isEqualTo(3);
    }

    @Test
    void whoeverOfAMessageIsNotMeantIsHeldOn() {
        add("b.test", tried("full@b.test", "mailbox full"), tried("slow@b.test", "slow down"));
        reader.heard(job(1, Map.of("reply", "full"), 1));
        turns();
        assertThat(written()).containsExactly("p.again full@b.test", "p.held slow@b.test");
    }

    /** Whether it is heard of before the partition is assigned or later. */
    @Test
    void aDestinationThatRecoversReleasesNothing() {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        ahead.updateBeginningOffsets(Map.of(HELD, 0L));
        ahead.updateEndOffsets(Map.of(HELD, 1L));
        ahead.schedulePollTask(() -> {
            if (!ahead.assignment().isEmpty()) {
                log.forEach(ahead::addRecord);
            }
        });
        reader.recovered(new RecoveryNotice("b.test", start + 1, start + 1, 0, 1_000));
        turns();
        assertThat(written()).isEmpty();
        reader.onPartitionsLost(List.of(HELD));
        reader.onPartitionsAssigned(List.of(HELD));
        turns();
        assertThat(written()).isEmpty();
        assertThat(committed().offset()).isZero();
        assertThat(ahead.assignment()).as("held mail is not looked through").isEmpty();
    }

    @Test
    void aJobWithARateTakesNoMoreInASecondAndLetsOthersPass() {
        for (int i = 0; i < 4; i++) {
            add("b.test", recipient("r" + i + "@b.test"));
        }
        add("c.test", recipient("a@c.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 5).at(5));
        turns();
        assertThat(written()).containsExactly("p.again r0@b.test");
        reader.heard(job(2, Map.of("destination", "c.test"), 5));
        turns();
        assertThat(written()).containsExactly("p.again r0@b.test", "p.again a@c.test");
        clock.advance(Duration.ofMillis(199));
        turns();
        assertThat(written()).hasSize(2);
        clock.advance(Duration.ofMillis(1));
        turns();
        assertThat(written()).hasSize(3).contains("p.again r1@b.test");
        clock.advance(Duration.ofHours(1));
        turns();
        assertThat(written())
                .as("what was not taken in time is not made up for")
                .hasSize(4);
        clock.advance(Duration.ofMillis(200));
        turns();
        assertThat(told()).hasSize(5);
        clock.advance(Duration.ofMillis(200));
        turns();
        assertThat(committed().offset()).as("nothing is held").isEqualTo(5);
    }

    /** The first that is held is never released, and yet there is room for any number of jobs, and the rest stays. */
    @Test
    void anyNumberOfReleasesFindRoom() {
        int many = 3 * JobShares.MOST;
        add("stays.test", recipient("a@stays.test"));
        for (int i = 0; i < many; i++) {
            add("d" + i + ".test", recipient("a@d" + i + ".test"));
        }
        for (int i = 0; i < many; i++) {
            readMoved();
            reader.heard(job(i, Map.of("destination", "d" + i + ".test"), log.size()));
            turns();
        }
        List<String> freed =
                written().stream().filter(one -> one.startsWith("p.again")).toList();
        assertThat(freed).hasSize(many).doesNotHaveDuplicates();
        assertThat(told()).hasSize(many);
        assertThat(written())
                .as("moved by the job that takes the last room, and by no other")
                .filteredOn("p.held a@stays.test"::equals)
                .hasSize(many / JobShares.MOST);
    }
}
