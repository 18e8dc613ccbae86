package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.NewerNode;

/** Jobs over one partition of waiting mail, turn by turn, on Kafka's mock clients, with time standing still. */
class RetryJobsTest extends RetryJobsBench {
    @Test
    void whatIsMeantLeavesOnceAndWhatCameLaterWaits() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        add("b.test", recipient("late@b.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test", "released 000000000001 b@b.test");
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "early1 1 :000000000001@3/2/2"));
        reader.heard(job(2, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).as("said twice").hasSize(2);
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written())
                .containsExactly("p.again a@b.test", "p.again b@b.test", "p.again a@c.test", "p.again late@b.test");
        assertThat(committed().offset()).isEqualTo(4);
    }

    @Test
    void ofTwoJobsOverTheSameMailTheFirstHasIt() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        reader.heard(job(2, Map.of("all", "true"), 2));
        reader.heard(job(1, Map.of("destination", "c.test"), 2));
        turns();
        assertThat(told())
                .containsExactlyInAnyOrder("released 000000000001 a@c.test", "released 000000000002 a@b.test");
        assertThat(committed().offset()).as("nothing waits").isEqualTo(2);
    }

    @Test
    void whoeverOfAMessageIsNotMeantWaitsOnBehindTheEndOfTheJob() {
        add("b.test", tried("full@b.test", "mailbox full"), tried("slow@b.test", "slow down"));
        reader.heard(job(1, Map.of("reply", "full"), 1));
        turns();
        assertThat(written()).containsExactly("p.again full@b.test", "p.retry.5m slow@b.test");
        assertThat(told()).containsExactly("released 000000000001 full@b.test");
    }

    /** What one job leaves of a message lies behind the ends of all others, which would not find it there. */
    @Test
    void whomOneJobDoesNotMeanOfAMessageTheOthersAreAskedAbout() {
        add("b.test", tried("full@b.test", "mailbox full"), tried("slow@b.test", "slow down"), recipient("new@b.test"));
        reader.heard(job(1, Map.of("reply", "full"), 1));
        reader.heard(job(2, Map.of("reply", "slow"), 1));
        turns();
        assertThat(written()).containsExactly("p.again full@b.test", "p.again slow@b.test", "p.retry.5m new@b.test");
        assertThat(told()).containsExactly("released 000000000001 full@b.test", "released 000000000002 slow@b.test");
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "early1 1 :000000000001@1/1/1 :000000000002@0/1/1"));
    }

    @Test
    void whoseDestinationHasRecoveredIsOfferedToTheJobsFirst() {
        Envelope inDoubt = Samples.envelope(
                Samples.queueId(0), start + 900_000, tried("a@b.test", InDoubt.WORDS), tried("b@b.test", "slow down"));
        add("b.test", codec.encode(inDoubt));
        scan.updateEndOffsets(Map.of()); // no answer: the scan has not begun
        reader.heard(new Job(
                "000000000001", Job.Action.DROP, Selector.of(Map.of("all", "true")), Map.of(FIVE, 1L), "", "", start));
        reader.recovered(new RecoveryNotice("b.test", start, start, 0, 1_000));
        ahead.updateBeginningOffsets(Map.of(FIVE, 0L));
        ahead.updateEndOffsets(Map.of(FIVE, 1L));
        ahead.schedulePollTask(() -> log.forEach(ahead::addRecord));
        reader.turn();
        assertThat(written()).containsExactly("p.failed a@b.test");
    }

    @Test
    void aSuccessorGoesOnWhereTheLastOwnerCameTo() {
        for (int i = 0; i < 6; i++) {
            add("b.test", recipient("r" + i + "@b.test"));
        }
        add("c.test", recipient("a@c.test"));
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(1, "early1 1 :000000000001@4/3/3")));
        reader.heard(job(1, Map.of("destination", "b.test"), 7));
        reader.onPartitionsAssigned(List.of(FIVE));
        consumer.seek(FIVE, 1);
        turns();
        assertThat(written()).containsExactly("p.again r4@b.test", "p.again r5@b.test");
        assertThat(committed().metadata()).contains(":000000000001@7/5/5");
    }

    @Test
    void nothingLeavesBeforeItIsKnownWhatAJobTook() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, "early1 0 :000000000001@2/1/1")));
        reader.onPartitionsAssigned(List.of(FIVE));
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).isEmpty();
        reader.heard(job(1, Map.of("destination", "b.test"), 2));
        turns();
        assertThat(written()).containsExactly("p.again a@c.test");
    }

    /** In the place of one whose record was lost: it means nothing, and stands. */
    @Test
    void whatAForgottenJobTookLeavesOnceMore() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, "early1 0 :000000000001@2/1/1")));
        reader.onPartitionsAssigned(List.of(FIVE));
        reader.heard(job(1, Map.of("queue-id", "000000000001"), 2).cancelled());
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again a@c.test");
    }

    @Test
    void aSchemaThatIsNotKnownYetIsWaitedFor() {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        byte[] octets = newer.withSymbol(codec.encode(mail(recipient("new@b.test"))), "body");
        add("b.test", recipient("a@b.test"));
        add("b.test", octets);
        add("b.test", recipient("c@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        assertThat(committed().metadata()).contains(":000000000001@1/1/1");
        schemas.add(newer.schema());
        clock.advance(Duration.ofSeconds(5));
        turns();
        assertThat(committed().metadata()).contains(":000000000001@3/3/3");
    }

    @Test
    void mailOnItsWayToAnotherTierDoesNotSlipThrough() {
        add("b.test", codec.encode(Samples.envelope(Samples.queueId(0), start + 900_000, recipient("a@b.test"))));
        turns();
        clock.advance(Duration.ofMinutes(5));
        scan.updateEndOffsets(Map.of()); // no answer: the scan has not begun
        reader.heard(job(1, Map.of("all", "true"), 1));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        assertThat(committed().metadata()).contains("/1/1");
    }

    /** RFC 4865: neither by the scan nor on its way to another tier. */
    @Test
    void whatItsSenderWantsLaterKeepsItsTime() {
        Envelope later = Envelope.newBuilder(
                        Samples.envelope(Samples.queueId(0), start + 900_000, recipient("later@b.test")))
                .setRequires(FutureRelease.required())
                .build();
        add("b.test", codec.encode(later));
        add("b.test", recipient("now@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 2));
        turns();
        assertThat(written()).containsExactly("p.again now@b.test");
        assertThat(committed().metadata()).contains(":000000000001@2/1/1");
        clock.advance(Duration.ofMinutes(5));
        reader.heard(job(2, Map.of("all", "true"), 2));
        turns();
        assertThat(written()).containsExactly("p.again now@b.test", "p.retry.5m later@b.test");
    }

    @Test
    void whatIsDueBeforeAJobHasComeToItIsGivenUpAllTheSame() {
        add("b.test", recipient("a@b.test"));
        turns();
        clock.advance(Duration.ofMinutes(5));
        scan.updateEndOffsets(Map.of()); // no answer: the scan has not begun
        Job job = new Job(
                "000000000001", Job.Action.DROP, Selector.of(Map.of("all", "true")), Map.of(FIVE, 1L), "", "", start);
        reader.heard(job);
        turns();
        assertThat(told()).containsExactly("dropped 000000000001 a@b.test");
        assertThat(written()).containsExactly("p.failed a@b.test");
    }

    @Test
    void aJobThatIsTakenBackIsNotBegun() {
        add("b.test", recipient("a@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 1));
        reader.takenBack("limit:000000000001");
        reader.heard(job(2, Map.of("destination", "c.test"), 1));
        reader.takenBack("job:000000000001");
        turns();
        assertThat(written()).isEmpty();
        assertThat(committed().metadata()).isEqualTo("early1 0 :000000000002@1/0/0");
    }

    @Test
    void whatIsLeftOfACancelledJobStaysUndoneAndWhatIsDoneStaysSo() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        Job job = job(1, Map.of("destination", "b.test"), 2);
        reader.heard(job);
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        Job longer = job(1, Map.of("destination", "b.test"), 3); // as if it had not come so far yet
        reader.heard(longer.cancelled());
        turns();
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again a@c.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test");
    }

    @Test
    void aJobOfYesterdayIsNotBegun() {
        add("b.test", recipient("a@b.test"));
        Job job = job(1, Map.of("all", "true"), 1);
        clock.advance(Duration.ofMinutes(1));
        reader.heard(new Job(
                job.id(),
                job.action(),
                job.selector(),
                job.ends(),
                "",
                "",
                start + 60_000 - Job.DONE_WITHIN.toMillis()));
        turns();
        assertThat(written()).isEmpty();
    }
}
