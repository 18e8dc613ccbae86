package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

class JobSharesTest {
    private static final Envelope MAIL = Samples.envelope(Samples.queueId(0), Samples.recipient("a@b.test"));

    private final Map<String, Job> known = new HashMap<>();

    @Test
    void whatHasLeftIsToldByTheSelectorAndAnOffset() {
        JobShares shares = shares(0, "");
        Job job = job(1, "b.test");
        assertThat(begin(shares, job, 0)).isTrue();
        shares.took(job, 3);
        shares.took(job, 1);
        shares.reached(job, 900);
        assertThat(shares.words()).isEqualTo(" :000000000001@900/2/4");
        JobShares later = shares(7, "early1 7" + shares.words());
        assertThat(later.have(MAIL, "b.test", 899, 0)).isTrue();
        assertThat(later.have(MAIL, "b.test", 900, 0)).isFalse();
        assertThat(later.have(MAIL, "c.test", 899, 0)).isFalse();
        assertThat(later.reaches(899)).isTrue();
        assertThat(later.reaches(900)).isFalse();
        assertThat(later.shares()).containsEntry(job.id(), new JobShares.Share(900, 2, 4));
    }

    @Test
    void withoutItsRecordNobodyCanTellWhatAJobTookUnlessTheMarkHasPassedIt() {
        String words = " :000000000001@900/2/4 :000000000002@5/0/0";
        assertThat(shares(7, "early1 7" + words).unknown(7)).containsExactly("000000000001");
        assertThat(shares(900, "early1 900" + words).unknown(900)).isEmpty();
        assertThat(shares(900, "early1 900" + words).words())
                .as("its account stays")
                .isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "early1 8 :000000000001@900/2/4",
                "early1 7 :000000000001@900/2",
                "early1 7 :00000000000@900/2/4",
                "early1 7 000000000001@900/2/4",
                "early1 7 :000000000001@99999999999999999999/2/4",
                "",
                "AQID"
            })
    void metadataOfAnotherMarkOrAnotherFormSaysNothing(String metadata) {
        assertThat(shares(7, metadata).shares()).isEmpty();
    }

    /** A newer version may say more of a job: what it took is as little known as that of a job without a record. */
    @Test
    void whatIsSaidOfAJobInAnotherFormIsNotKnown() {
        assertThat(shares(7, "early1 7 b.test@9 :000000000001@900/2/4/1").unknown(7))
                .containsExactly(":000000000001@900/2/4/1");
    }

    @Test
    void whereThereIsNoRoomAJobWaitsUntilTheMarkHasPassedWhatOthersDid() {
        JobShares shares = shares(0, "");
        for (int i = 0; i < JobShares.MOST; i++) {
            Job job = job(i, "d" + i);
            assertThat(begin(shares, job, 0)).isTrue();
            shares.took(job, 1);
            shares.reached(job, Long.MAX_VALUE / 10 - i);
        }
        assertThat(shares.words()).hasSizeLessThanOrEqualTo(JobShares.ROOM);
        assertThat(begin(shares, job(JobShares.MOST, "more"), 0)).isFalse();
        assertThat(begin(shares, job(0, "d0"), 0)).as("goes on").isTrue();
        assertThat(begin(shares, job(JobShares.MOST, "more"), Long.MAX_VALUE / 10 - JobShares.MOST + 1))
                .isTrue();
        assertThat(shares.shares()).hasSize(JobShares.MOST);
    }

    @Test
    void whatIsToBeDoneYetIsNotForgottenAndTheLastRoomIsTakenWhenNothingElseGoes() {
        JobShares shares = shares(0, "");
        for (int i = 0; i < JobShares.MOST - 1; i++) {
            begin(shares, job(i, "d" + i), 0);
        }
        assertThat(shares.begin(job(30, "d30"), 0, id -> !id.endsWith("03"))).isTrue();
        assertThat(shares.shares()).hasSize(JobShares.MOST - 1).doesNotContainKey("000000000003");
        assertThat(shares.begin(job(31, "d31"), 0, id -> true)).as("the last").isTrue();
        assertThat(shares.begin(job(32, "d32"), 0, id -> true)).isFalse();
    }

    /** Destinations that recovered beside jobs, both at their fullest: Kafka takes 4,096 characters. */
    @Test
    void allOfTheMetadataFits() {
        AlreadyLeft left = AlreadyLeft.of(1, null, known::get);
        for (int i = 0; i < 1_000; i++) {
            left.early().recovered(new RecoveryNotice("destination-number-" + i + ".test", 9, 9, 0, 1_000));
        }
        left.early().begin(1);
        for (int i = 0; i < 1_000; i++) {
            if (left.early().isWanted("destination-number-" + i + ".test", Long.MAX_VALUE / 10 + i, 9)) {
                left.early().released("destination-number-" + i + ".test", Long.MAX_VALUE / 10 + i);
            }
        }
        for (int i = 0; i < JobShares.MOST; i++) {
            begin(left.jobs(), job(i, "d" + i), 1);
            left.jobs().reached(job(i, "d" + i), Long.MAX_VALUE / 10);
        }
        String metadata = left.metadata(1);
        assertThat(metadata).hasSizeBetween(3_000, 4_096);
        AlreadyLeft again = AlreadyLeft.of(1, metadata, known::get);
        assertThat(again.metadata(1)).isEqualTo(metadata);
    }

    /** Others have nothing to do any more. */
    private static boolean begin(JobShares shares, Job job, long mark) {
        return shares.begin(job, mark, id -> false);
    }

    private JobShares shares(long mark, String metadata) {
        return JobShares.of(mark, metadata, known::get);
    }

    private Job job(int number, String destination) {
        Selector selector = Selector.of(Map.of("destination", destination));
        Job job = new Job(String.format("%012d", number), Job.Action.FLUSH, selector, Map.of(), "", "", 0);
        known.put(job.id(), job);
        return job;
    }
}
