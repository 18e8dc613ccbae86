package org.postroad.deliverer.retry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.policy.Job;

/**
 * How far each job has come in one partition of waiting mail, and how much it has found there: pure.
 *
 * <p>{@code :<id>@<offset>/<messages>/<recipients>} in the metadata of the committed mark says that all mail below the offset that the job
 * means has left. What has left is never listed, so a million among two fit; and it moves in the transaction that takes the mail.
 */
public final class JobShares {
    /** Of the metadata; the rest is for what leaves early. */
    static final int ROOM = 1_500;

    private static final int LARGEST = 1 + 12 + 3 + 3 * 19 + 1;

    /** So many jobs at a time have a share in one partition; others wait until the mark has passed those of some. */
    static final int MOST = ROOM / LARGEST;

    private static final Pattern FORM = Pattern.compile(":([0-9A-Z]{12})@([0-9]{1,18})/([0-9]{1,18})/([0-9]{1,18})");

    /**
     * What one job has done in the partition.
     *
     * @param below the offset below which all that it means has left
     */
    public record Share(long below, long messages, long recipients) {
        private static final Share NONE = new Share(0, 0, 0);

        @Override
        public String toString() {
            return below + "/" + messages + "/" + recipients;
        }
    }

    private final Map<String, Share> shares = new TreeMap<>();
    private final Map<String, Job> jobs = new TreeMap<>();
    private final List<String> unreadable = new ArrayList<>();

    private JobShares() {}

    /**
     * What was committed with a mark.
     *
     * @param metadata null or empty for nothing
     * @param known finds a job by its id; null for one that is not known
     */
    public static JobShares of(long mark, @Nullable String metadata, Function<String, @Nullable Job> known) {
        JobShares found = new JobShares();
        for (String word : EarlyReleases.words(mark, metadata)) {
            Matcher said = FORM.matcher(word);
            if (!said.matches()) {
                if (word.startsWith(":")) {
                    found.unreadable.add(word);
                }
            } else {
                String id = said.group(1);
                found.shares.put(
                        id,
                        new Share(
                                Long.parseLong(said.group(2)),
                                Long.parseLong(said.group(3)),
                                Long.parseLong(said.group(4))));
                Job job = known.apply(id);
                if (job != null) {
                    found.jobs.put(id, job);
                }
            }
        }
        return found;
    }

    /** What each job has done, by its id. */
    public Map<String, Share> shares() {
        return Map.copyOf(shares);
    }

    /** Jobs without which nobody can tell what has left behind a mark; one that is said in a form of another version as it is said. */
    public List<String> unknown(long mark) {
        List<String> unknown = new ArrayList<>(shares.keySet());
        unknown.removeIf(id -> jobs.containsKey(id) || share(id).below() <= mark);
        unknown.addAll(unreadable);
        return unknown;
    }

    /** Whether any mail at or behind an offset may have left. */
    boolean reaches(long offset) {
        return shares.values().stream().anyMatch(share -> offset < share.below());
    }

    /** Whether a job has taken a record. */
    boolean have(Envelope envelope, String destination, long offset, long writtenMillis) {
        return jobs.values().stream()
                .anyMatch(job -> offset < share(job.id()).below()
                        && !job.meant(envelope, destination, writtenMillis).isEmpty());
    }

    Share share(String id) {
        return shares.getOrDefault(id, Share.NONE);
    }

    /**
     * Gives a job a share. Where it would be the last, room is made first by forgetting the oldest that the mark has passed.
     *
     * @param toBeDone whether a job, by its id, has something to do here yet: what it has come to is needed
     * @return whether there is any room
     */
    boolean begin(Job job, long mark, Predicate<String> toBeDone) {
        boolean isIn = shares.containsKey(job.id());
        if (shares.size() >= (isIn ? MOST : MOST - 1)) {
            shares.entrySet().stream()
                    .filter(share -> share.getValue().below() <= mark && !toBeDone.test(share.getKey()))
                    .map(Map.Entry::getKey)
                    .limit(MOST / 2)
                    .toList()
                    .forEach(this::forget);
        }
        if (!shares.containsKey(job.id()) && isFull()) {
            return false;
        }
        put(job, share(job.id()));
        return true;
    }

    private void put(Job job, Share share) {
        shares.put(job.id(), share);
        jobs.put(job.id(), job);
    }

    private void forget(String id) {
        shares.remove(id);
        jobs.remove(id);
    }

    boolean isFull() {
        return shares.size() >= MOST;
    }

    /** It has taken one message; not counted for one that had no room yet: the last is for one that then moves what stays. */
    void took(Job job, int recipients) {
        if (shares.containsKey(job.id()) || shares.size() < MOST - 1) {
            Share before = share(job.id());
            put(job, new Share(before.below(), before.messages() + 1, before.recipients() + recipients));
        }
    }

    /** All that it means below an offset has left. */
    void reached(Job job, long offset) {
        Share before = share(job.id());
        put(job, new Share(Math.max(offset, before.below()), before.messages(), before.recipients()));
    }

    /** For the metadata, each with a space before it. */
    String words() {
        StringBuilder words = new StringBuilder();
        shares.forEach((id, share) -> words.append(" :").append(id).append('@').append(share));
        return words.toString();
    }
}
