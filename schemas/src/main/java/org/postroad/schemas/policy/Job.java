package org.postroad.schemas.policy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Recipient;

/**
 * What an operator wants done once with mail that waits: whoever owns a partition of waiting mail does its share. On the control topic
 * its key is {@code job:<id>}.
 *
 * <p>Which mail is meant is a function of the record, its place and the job, and of nothing else: every owner of a partition, whenever it
 * asks, finds the same. So what was done need not be listed.
 *
 * @param id sorts by the time of issue
 * @param ends of each partition, when the job was issued: what lies at or behind its end came later and is not meant
 * @param atMillis when it was issued, in milliseconds since 1970
 * @param rate messages a second at most, of all nodes together; 0 for as fast as they can
 * @param isCancelled whether what is left of it is to be left undone
 */
public record Job(
        String id,
        Action action,
        Selector selector,
        Map<TopicPartition, Long> ends,
        String reason,
        String by,
        long atMillis,
        long rate,
        boolean isCancelled) {

    /** On the control topic. */
    public static final String ASPECT = "job";

    /** What no owner has done of it by then stays undone: what it meant has changed too much. */
    public static final Duration DONE_WITHIN = Duration.ofDays(1);

    private static final Pattern ID = Pattern.compile("[0-9A-Z]{12}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");
    private static final Pattern END_FORM = Pattern.compile("([0-9]{1,9})=([0-9]{1,19})");
    private static final String ACTION = "action";
    private static final String MAIL = "mail.";
    private static final String END = "end.";
    private static final String CANCELLED = "cancelled";
    private static final String RATE = "rate";
    private static final Set<String> OTHERS = Set.of(ACTION, CANCELLED, RATE);

    /** What is done with the mail. */
    public enum Action {
        /** Waiting for its next attempt: that is now. Mail that may have arrived, or whose sender wants it later, keeps its time. */
        FLUSH("flush"),

        /** Held: it goes on. */
        RELEASE("release"),

        /** Waiting or held: it begins anew, as if it had just come. Mail that may have arrived, or is wanted later, stays. */
        REPLAY("replay"),

        /** Waiting or held: it is given up, and its sender is told. */
        BOUNCE("bounce"),

        /** Waiting or held: it is given up, and nobody is told. */
        DROP("drop");

        private final String word;

        Action(String word) {
            this.word = word;
        }

        /** As it stands in records, and on the command line. */
        public String word() {
            return word;
        }

        private static Action of(@Nullable String word) {
            for (Action action : values()) {
                if (action.word.equals(word)) {
                    return action;
                }
            }
            throw new IllegalArgumentException("a job of a newer version: " + word);
        }
    }

    public Job {
        ends = Map.copyOf(ends);
    }

    /** One that is to be done as fast as it can be. */
    public Job(
            String id,
            Action action,
            Selector selector,
            Map<TopicPartition, Long> ends,
            String reason,
            String by,
            long atMillis) {
        this(id, action, selector, ends, reason, by, atMillis, 0, false);
    }

    /**
     * Reads a record; null for one that is about something else.
     *
     * @throws IllegalArgumentException with words for the operator, for a job that this version cannot do
     */
    public static @Nullable Job of(Policy record) {
        if (!record.getAspect().equals(ASPECT)) {
            return null;
        }
        if (!ID.matcher(record.getSubject()).matches()) {
            throw new IllegalArgumentException(record.getSubject() + " is no job's id");
        }
        Map<String, String> words = new HashMap<>();
        Map<TopicPartition, Long> ends = new HashMap<>();
        record.getSettings().forEach((name, value) -> {
            if (name.startsWith(MAIL)) {
                words.put(name.substring(MAIL.length()), value);
            } else if (name.startsWith(END)) {
                readEnds(name.substring(END.length()), value, ends);
            } else if (!OTHERS.contains(name)) {
                throw new IllegalArgumentException("a job of a newer version: " + name);
            }
        });
        return new Job(
                record.getSubject(),
                Action.of(record.getSettings().get(ACTION)),
                Selector.of(words),
                ends,
                record.getReason(),
                record.getBy(),
                record.getAt(),
                rate(record.getSettings().getOrDefault(RATE, "0")),
                record.getSettings().containsKey(CANCELLED));
    }

    /** "0=4711 1=12": partitions with their ends. */
    private static void readEnds(String topic, String text, Map<TopicPartition, Long> ends) {
        for (String one : text.split(" ", -1)) {
            Matcher end = END_FORM.matcher(one);
            if (!end.matches()) {
                throw new IllegalArgumentException("an end of " + topic + " that is none: " + one);
            }
            ends.put(new TopicPartition(topic, Integer.parseInt(end.group(1))), Long.parseLong(end.group(2)));
        }
    }

    private static long rate(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("a rate that is none: " + text);
        }
        return Long.parseLong(text);
    }

    /** The same for what lies before other ends. */
    public Job within(Map<TopicPartition, Long> otherEnds) {
        return new Job(id, action, selector, otherEnds, reason, by, atMillis, rate, isCancelled);
    }

    /** The same, of which nothing more is to be done; what is done stays so. */
    public Job cancelled() {
        return new Job(id, action, selector, ends, reason, by, atMillis, rate, true);
    }

    /** The same at another rate. */
    public Job at(long otherRate) {
        return new Job(id, action, selector, ends, reason, by, atMillis, otherRate, isCancelled);
    }

    /** As a record of the control topic. */
    public Policy toRecord() {
        Map<String, String> settings = new TreeMap<>();
        settings.put(ACTION, action.word());
        if (rate > 0) {
            settings.put(RATE, Long.toString(rate));
        }
        if (isCancelled) {
            settings.put(CANCELLED, "true");
        }
        selector.words().forEach((name, word) -> settings.put(MAIL + name, word));
        ends.forEach((partition, end) ->
                settings.merge(END + partition.topic(), partition.partition() + "=" + end, (a, b) -> a + " " + b));
        return new Policy(ASPECT, id, settings, reason, by, atMillis);
    }

    /** Its key on the control topic. */
    public String key() {
        return ASPECT + ":" + id;
    }

    /** Whether it is too old for anything of it to be done. */
    public boolean isExpired(long nowMillis) {
        return nowMillis - atMillis >= DONE_WITHIN.toMillis();
    }

    /** Whether it means mail of a topic. */
    public boolean isIn(String topic) {
        return ends.keySet().stream().anyMatch(partition -> partition.topic().equals(topic));
    }

    /** The end of what is meant in a partition; 0 where nothing is. */
    public long end(TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }

    /**
     * Whom a record is meant for: all of its recipients, some, or none.
     *
     * @param destination the record's key
     * @param writtenMillis the record's LogAppendTime, in milliseconds since 1970
     */
    public List<Recipient> meant(Envelope envelope, String destination, long writtenMillis) {
        List<Recipient> recipients = envelope.getRecipients();
        if (recipients.isEmpty()) {
            return List.of();
        }
        try {
            return meant(envelope, recipients, destination, writtenMillis);
        } catch (RuntimeException unjudgeable) {
            return List.of(); // always, so it stays where it is
        }
    }

    private List<Recipient> meant(
            Envelope envelope, List<Recipient> recipients, String destination, long writtenMillis) {
        String address = recipients.get(0).getAddress(); // they all have the same domain once mail is routed
        String domain = address.substring(address.lastIndexOf('@') + 1);
        List<Recipient> meant = selector.meant(envelope, domain, destination, writtenMillis);
        return switch (action) {
            case RELEASE, BOUNCE, DROP -> meant;
            // Whether the time has come that a sender asked for (RFC 4865) is not looked at: clocks differ.
            case FLUSH, REPLAY -> FutureRelease.isAskedFor(envelope) ? List.of() : withoutDoubtful(meant);
        };
    }

    private static List<Recipient> withoutDoubtful(List<Recipient> recipients) {
        return recipients.stream()
                .filter(recipient -> !InDoubt.isSaidIn(recipient.getLastReply()))
                .toList();
    }

    /** Whether a text has the form of an id, in any case; null, or the id. */
    public static @Nullable String idOf(String text) {
        String id = Ascii.upper(text);
        return ID.matcher(id).matches() ? id : null;
    }
}
