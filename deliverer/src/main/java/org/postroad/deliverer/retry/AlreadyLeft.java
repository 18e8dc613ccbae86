package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.policy.Job;

/** Which mail behind the committed mark of one partition has left already: its destination recovered, or a job has taken it. */
public final class AlreadyLeft {
    private final EarlyReleases early;
    private final JobShares jobs;

    private AlreadyLeft(EarlyReleases early, JobShares jobs) {
        this.early = early;
        this.jobs = jobs;
    }

    /**
     * As it was committed with a mark.
     *
     * @param known finds a job by its id; null for one that is not known
     */
    public static AlreadyLeft of(long mark, @Nullable String metadata, Function<String, @Nullable Job> known) {
        return new AlreadyLeft(EarlyReleases.of(mark, metadata), JobShares.of(mark, metadata, known));
    }

    /** Jobs without which nobody can tell what has left. */
    public List<String> unknownJobs(long mark) {
        return jobs.unknown(mark);
    }

    EarlyReleases early() {
        return early;
    }

    JobShares jobs() {
        return jobs;
    }

    /**
     * Whether a record has left; what nobody can read has not.
     *
     * @throws UnknownSchemaException if that cannot be told before its schema is learned
     */
    public boolean has(ConsumerRecord<byte[], byte[]> record, MailReader mails) throws UnknownSchemaException {
        if (record.key() == null) {
            return false;
        }
        if (early.isReleased(record.key(), record.offset())) {
            return true;
        }
        try {
            return jobs.reaches(record.offset())
                    && jobs.have(
                            mails.decodeWhatIsKnown(record.value()),
                            new String(record.key(), UTF_8),
                            record.offset(),
                            record.timestamp());
        } catch (UndecodableException e) {
            return false;
        }
    }

    /** To be committed with this mark. */
    String metadata(long mark) {
        String words = jobs.words();
        String said = early.metadata(mark);
        return words.isEmpty() ? said : (said.isEmpty() ? EarlyReleases.head(mark) : said) + words;
    }
}
