package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.policy.Job;
import org.postroad.testkit.NewerNode;

/** Jobs that stand in each other's way in one partition. */
class ManyRetryJobsTest extends RetryJobsBench {
    /** The last but one that has room is at its beginning when a head leaves, which is asked of all. */
    @Test
    void aJobThatHasBegunKeepsItsPlaceHoweverManyWait() {
        long later = start + 302_000; // than the head
        add("x.test", recipient("a@x.test"));
        add("stays.test", codec.encode(Samples.envelope(Samples.queueId(0), later, recipient("a@stays.test"))));
        add("d50.test", codec.encode(Samples.envelope(Samples.queueId(0), later, recipient("a@d50.test"))));
        reader.onPartitionsLost(List.of(FIVE));
        StringBuilder words = new StringBuilder("early1 0");
        for (int i = 1; i <= JobShares.MOST - 2; i++) {
            Job done = job(i, Map.of("destination", "d" + i + ".test"), 100);
            words.append(" :").append(done.id()).append("@100/0/0");
            reader.heard(done);
        }
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, words.toString())));
        reader.onPartitionsAssigned(List.of(FIVE));
        consumer.seek(FIVE, 0);
        scan.updateEndOffsets(Map.of(FIVE, 3L));
        reader.turn();
        reader.turn();
        clock.advance(Duration.ofMinutes(5));
        for (int i = 50; i < 56; i++) {
            reader.heard(job(i, Map.of("destination", "d" + i + ".test"), 3));
        }
        reader.turn(); // the scan has found nothing yet
        assertThat(written()).containsExactly("p.again a@x.test");
        turns();
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).containsExactly("p.again a@x.test", "p.again a@d50.test", "p.retry.30s a@stays.test");
    }

    /** One mail waits on for hours, and yet there is room for any number of jobs. */
    @Test
    void anyNumberOfJobsFindRoom() {
        int many = 3 * JobShares.MOST;
        consumer.setMaxPollRecords(1); // the reader is at the head, and not where the mark goes
        add(
                "stays.test",
                codec.encode(Samples.envelope(Samples.queueId(0), start + 7_200_000, recipient("a@stays.test"))));
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
        assertThat(written()).contains("p.retry.1h a@stays.test").hasSizeLessThan(many * 3);
        int before = written().size();
        clock.advance(Duration.ofMinutes(4));
        turns();
        assertThat(written())
                .as("what is behind the mark is not looked at again")
                .hasSize(before);
    }

    @Test
    void aJobThatStandsAtASchemaStopsNoOther() {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", newer.withSymbol(codec.encode(mail(recipient("new@b.test"))), "body"));
        add("d.test", recipient("a@d.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        reader.heard(job(2, Map.of("destination", "c.test"), 2));
        reader.heard(job(3, Map.of("destination", "d.test"), 4));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again a@c.test");
        schemas.add(newer.schema());
        clock.advance(Duration.ofSeconds(5));
        turns();
        assertThat(written())
                .containsExactly("p.again a@b.test", "p.again a@c.test", "p.again new@b.test", "p.again a@d.test");
    }
}
