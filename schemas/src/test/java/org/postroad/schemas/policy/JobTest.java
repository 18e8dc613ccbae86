package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Samples;

class JobTest {
    private static final String ID = "1M8GF2TJVVCN";
    private static final TopicPartition FIRST = new TopicPartition("p.retry.5m", 0);
    private static final TopicPartition SECOND = new TopicPartition("p.retry.5m", 11);
    private static final TopicPartition OTHER = new TopicPartition("p.retry.1h", 3);

    @Test
    void aRecordSaysAllOfAJob() {
        Job job = new Job(
                ID,
                Job.Action.FLUSH,
                Selector.of(Map.of("domain", "b.test", "reply", "full \\| x=y")),
                Map.of(FIRST, 4711L, SECOND, 0L, OTHER, Long.MAX_VALUE),
                "because",
                "somebody",
                99);
        assertThat(Job.of(job.toRecord())).isEqualTo(job);
        assertThat(Job.of(job.at(50).toRecord())).isEqualTo(job.at(50)).isNotEqualTo(job);
        assertThat(Job.of(job.cancelled().toRecord()))
                .isEqualTo(job.cancelled())
                .isNotEqualTo(job);
        assertThat(job.end(FIRST)).isEqualTo(4711);
        assertThat(job.end(new TopicPartition("p.retry.5m", 1)))
                .as("made later")
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"BOUNCE, BOUNCE", "DROP, DROP"})
    void whatIsGivenUpIsSoWhateverItWaitsFor(Job.Action action, Job.Action read) {
        Recipient doubtful = recipient("d@b.test", InDoubt.WORDS);
        Envelope later = Envelope.newBuilder(Envelopes.withRecipients(Samples.envelope(), List.of(doubtful)))
                .setRequires(FutureRelease.required())
                .build();
        Job job = Job.of(new Job(ID, action, Selector.of(Map.of("all", "true")), Map.of(), "", "", 0).toRecord());
        assertThat(job).isNotNull();
        assertThat(job.action()).isEqualTo(read);
        assertThat(job.meant(later, "b.test", 0)).containsExactly(doubtful);
    }

    @Test
    void whatIsNoJobIsNone() {
        assertThat(Job.of(new Policy("limit", "*", Map.of(), "", "", 0L))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "1M8GF2TJVVCN, action, explode",
        "1M8GF2TJVVCN, other, x",
        "1M8GF2TJVVCN, rate, fast",
        "1M8GF2TJVVCN, mail.moon, full",
        "1M8GF2TJVVCN, end.p.retry.5m, 0:7",
        "1M8GF2TJVVCN, end.p.retry.5m, 0=x",
        "short, action, flush"
    })
    void aJobOfANewerVersionIsNotDone(String id, String name, String value) {
        Map<String, String> settings = new HashMap<>(Map.of("action", "flush", "mail.all", "true"));
        settings.put(name, value);
        assertThatThrownBy(() -> Job.of(new Policy("job", id, settings, "", "", 0L)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aJobWithoutASelectorMeansNothingAndNotEverything() {
        assertThatThrownBy(() -> Job.of(new Policy("job", ID, Map.of("action", "flush"), "", "", 0L)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReplyMeansRecipientsAndNotMessagesAndADoubtStays() {
        Recipient full = recipient("a@b.test", "mailbox full");
        Recipient slow = recipient("c@b.test", "slow down");
        Recipient doubtful = recipient("d@b.test", InDoubt.WORDS);
        Envelope mail = Envelopes.withRecipients(Samples.envelope(), List.of(full, slow, doubtful));
        assertThat(job("reply", "full").meant(mail, "b.test", 0)).containsExactly(full);
        assertThat(job("domain", "B.TEST").meant(mail, "b.test", 0)).containsExactly(full, slow);
        assertThat(job("destination", "google").meant(mail, "google", 0)).containsExactly(full, slow);
        assertThat(job("domain", "c.test").meant(mail, "b.test", 0)).isEmpty();
        Envelope nobodys = Envelopes.withRecipients(mail, List.of());
        assertThat(job("all", "true").meant(nobodys, "b.test", 0)).isEmpty();
    }

    /** RFC 4865; until it was tried once. */
    @Test
    void whatItsSenderWantsLaterIsNotFlushedAndMayBeReleased() {
        Envelope later = Envelope.newBuilder(Samples.envelope())
                .setRequires(FutureRelease.required())
                .setNotBefore(7)
                .build();
        List<Recipient> all = later.getRecipients();
        assertThat(job("all", "true").meant(later, "b.test", 0)).isEmpty();
        assertThat(job(Job.Action.RELEASE, "all", "true").meant(later, "b.test", 0))
                .isEqualTo(all);
        assertThat(Envelopes.released(later, all)).isEqualTo(later);
        Envelope tried = Envelopes.waiting(later, all, 8);
        assertThat(job("all", "true").meant(tried, "b.test", 0)).isEqualTo(all);
    }

    private static Job job(String name, String word) {
        return job(Job.Action.FLUSH, name, word);
    }

    private static Job job(Job.Action action, String name, String word) {
        return new Job(ID, action, Selector.of(Map.of(name, word)), Map.of(), "", "", 0);
    }

    private static Recipient recipient(String address, String reply) {
        return new Recipient(address, List.of(), null, 1, 0, new LastReply(450, "4.2.0", reply, null, 0L));
    }
}
