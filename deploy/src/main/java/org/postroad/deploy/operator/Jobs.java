package org.postroad.deploy.operator;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.retry.JobShares;
import org.postroad.schemas.Caps;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

/**
 * Issues jobs and says how far they have come. What is issued the deliverers do, whatever becomes of whoever issued it.
 *
 * <p>Every method blocks; confined to one thread.
 */
public final class Jobs {
    /** More on the control topic would be read by every node at its start. */
    static final int MOST_STANDING = 100;

    /** So long a job can be asked about when nothing else needs its record. */
    private static final Duration ASKED_ABOUT = Duration.ofDays(1);

    /** No owner begins one that is a day old, by its clock. */
    private static final Duration UNDONE = Duration.ofDays(2);

    /** Where mail waits that a job may mean. */
    public enum Place {
        RETRY,
        HELD,
        BOTH
    }

    private final Cluster cluster;
    private final KnownSchemas schemas;
    private final ControlTopic control;
    private final Clock clock;

    public Jobs(Cluster cluster, KnownSchemas schemas, Clock clock) {
        this.cluster = cluster;
        this.schemas = schemas;
        this.control = new ControlTopic(cluster.kafka(), cluster.topics(), schemas);
        this.clock = clock;
    }

    /** A job for what waits now, of which nobody knows yet. */
    public Job plan(Job.Action action, Place place, Selector selector, String reason, String by) {
        control.learn();
        cluster.requireTopics();
        Predicate<String> topic = topics(place);
        List<TopicPartition> partitions =
                cluster.partitions(cluster.topicNames().stream().filter(topic).toList());
        long now = clock.millis();
        String drawn = new QueueIds(clock, new SecureRandom()).next();
        String id = drawn.substring(1, 10) + drawn.substring(QueueIds.CHARACTERS - 3);
        return new Job(
                id,
                action,
                selector,
                cluster.writtenEnds(
                        partitions), // with what is in a producer transaction now, on its way from tier to tier
                Caps.cut(reason, Caps.NAME_OCTETS),
                Caps.cut(by, Caps.NAME_OCTETS),
                now);
    }

    private Predicate<String> topics(Place place) {
        Predicate<String> isRetry = topic -> topic.startsWith(cluster.topics().retryPrefix());
        Predicate<String> isHeld = cluster.topics().held().name()::equals;
        return switch (place) {
            case RETRY -> isRetry;
            case HELD -> isHeld;
            case BOTH -> isRetry.or(isHeld);
        };
    }

    /** Looks at all that a job would find, up to so many messages. */
    public JobSurvey survey(Job job, long limit) {
        JobSurvey survey = new JobSurvey(job, limit);
        new Waiting(cluster, cluster.cut(), schemas).atRest(job::isIn, survey::look);
        return survey;
    }

    /**
     * The same job for at most so many messages of those that wait.
     *
     * @return a job that means them and others only if they come to lie before them
     */
    public Job limited(Job job, long limit) {
        return survey(job, limit).limited();
    }

    /**
     * Prepares for another to be issued: takes away those that nobody needs.
     *
     * @throws TooManyJobsException when too many stand there that cannot go
     */
    public void makeRoom() {
        prepare();
        Map<String, Job> standing = new TreeMap<>(new StandingJobs(control).all());
        Map<TopicPartition, OffsetAndMetadata> marks = cluster.releasedMarks();
        List<String> gone = new ArrayList<>();
        for (Job old : List.copyOf(standing.values())) {
            boolean crowded = standing.size() >= MOST_STANDING;
            if (mayGo(old, JobAccount.of(old, marks, clock.millis()), crowded)) {
                standing.remove(old.id());
                gone.add(old.key());
            }
        }
        if (standing.size() >= MOST_STANDING) {
            throw new TooManyJobsException(standing.size());
        }
        if (!gone.isEmpty()) {
            control.remove(gone);
        }
    }

    /** Makes sure that nodes of every version can read what is written next. */
    public void prepare() {
        control.publishSchemas();
    }

    /** Hands a job to the deliverers. */
    public void issue(Job job) {
        control.write(List.of(job.toRecord()));
    }

    private boolean mayGo(Job old, JobAccount account, boolean crowded) {
        if (account.needed()) {
            return false;
        }
        Duration age = Duration.ofMillis(clock.millis() - old.atMillis());
        // Of one that was cancelled a node may not know yet.
        return account.isDone() ? crowded || age.compareTo(ASKED_ABOUT) > 0 : age.compareTo(UNDONE) > 0;
    }

    /** Those that can be asked about, the latest first, each with how far it is. */
    public Map<Job, JobAccount> standing() {
        control.learn();
        cluster.requireTopics();
        Map<TopicPartition, OffsetAndMetadata> marks = cluster.releasedMarks();
        Map<Job, JobAccount> standing = new LinkedHashMap<>();
        new TreeMap<>(new StandingJobs(control).all())
                .descendingMap()
                .values()
                .forEach(job -> standing.put(job, JobAccount.of(job, marks, clock.millis())));
        return standing;
    }

    /**
     * Lets what is left of a job undone; what is done stays so.
     *
     * @return the job as it stands now
     */
    public Job cancel(Job job) {
        Job cancelled = job.cancelled();
        control.write(List.of(cancelled.toRecord()));
        return cancelled;
    }

    /**
     * Takes the place of a job whose record was removed: one that means no mail. Nodes go on as if it had taken nothing, so what it took
     * and still lies behind some mark leaves again.
     *
     * @return null when no mark speaks of such a job
     */
    public @Nullable Job forget(String id, String reason, String by) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        cluster.releasedMarks().forEach((partition, mark) -> {
            JobShares.Share share = JobShares.of(mark.offset(), mark.metadata(), unknown -> null)
                    .shares()
                    .get(id);
            if (share != null && share.below() > mark.offset()) {
                ends.put(partition, share.below());
            }
        });
        if (ends.isEmpty()) {
            return null;
        }
        Selector nothing = Selector.of(Map.of("queue-id", id)); // which is no queue id
        Job forgotten = new Job(
                        id,
                        Job.Action.FLUSH,
                        nothing,
                        ends,
                        Caps.cut(reason, Caps.NAME_OCTETS),
                        Caps.cut(by, Caps.NAME_OCTETS),
                        clock.millis())
                .cancelled();
        control.write(List.of(forgotten.toRecord()));
        return forgotten;
    }

    /** How far a job has come. */
    public JobAccount account(Job job) {
        return JobAccount.of(job, cluster.releasedMarks(), clock.millis());
    }
}
