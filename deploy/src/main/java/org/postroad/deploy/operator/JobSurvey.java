package org.postroad.deploy.operator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Job;

/** What a job would find, counted by destination, in bounded memory; confined to one thread. */
public final class JobSurvey {
    private static final int SHOWN = 10;

    /** Of more the mail is counted, and not by destination. */
    private static final int MOST_DESTINATIONS = 100_000;

    private final Job job;
    private final long limit;
    private final Map<String, Long> destinations = new HashMap<>();
    private final List<Sample> first = new ArrayList<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private long messages;
    private long recipients;

    /** One of the first that were found. */
    public record Sample(String queueId, String destination, List<Recipient> recipients) {}

    /** @param limit messages at most */
    JobSurvey(Job job, long limit) {
        this.job = job;
        this.limit = limit;
    }

    void look(Waiting.AtRest mail) {
        if (messages >= limit || mail.offset() >= job.end(mail.partition())) {
            return;
        }
        List<Recipient> meant = job.meant(mail.envelope(), mail.destination(), mail.writtenMillis());
        if (meant.isEmpty()) {
            return;
        }
        messages++;
        recipients += meant.size();
        ends.put(mail.partition(), mail.offset() + 1);
        if (destinations.size() < MOST_DESTINATIONS || destinations.containsKey(mail.destination())) {
            destinations.merge(mail.destination(), 1L, Long::sum);
        }
        if (first.size() < SHOWN) {
            first.add(new Sample(mail.envelope().getQueueId(), mail.destination(), meant));
        }
    }

    public long messages() {
        return messages;
    }

    public long recipients() {
        return recipients;
    }

    /** The first ten. */
    public List<Sample> first() {
        return List.copyOf(first);
    }

    /** Messages of each destination, those with most first, at most so many. */
    public Map<String, Long> destinations(int most) {
        Map<String, Long> sorted = new LinkedHashMap<>();
        destinations.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .forEach(one -> sorted.put(one.getKey(), one.getValue()));
        return sorted;
    }

    public int destinationCount() {
        return destinations.size();
    }

    /** The same job for what was found and no more: a limit is where its ends lie. */
    Job limited() {
        return job.within(ends);
    }
}
