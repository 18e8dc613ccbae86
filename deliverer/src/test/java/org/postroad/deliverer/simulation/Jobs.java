package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.retry.JobShares;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

/**
 * An operator who wants waiting mail handled, and says it twice now and then; and whether it is, once, and no other mail. Only in some
 * worlds, and by a chance of its own: the others are as they were without.
 */
final class Jobs {
    private final SplittableRandom chance;
    private final boolean areIn;
    private boolean peace;
    private final World world;
    private final SimulatedKafka kafka;
    private final Scenario scenario;
    private final SimulatedLog log;
    private final Witness witness;
    private final Codec<Policy> codec;
    private final Map<String, Job> issued = new LinkedHashMap<>();

    Jobs(long seed, World world, SimulatedKafka kafka, Scenario scenario, SimulatedLog log, Witness witness) {
        this.chance = chance(seed);
        this.areIn = chance.nextInt(3) == 0;
        this.world = world;
        this.kafka = kafka;
        this.scenario = scenario;
        this.log = log;
        this.witness = witness;
        this.codec = new Codec<>(Policy.class, scenario.mails.schemas);
    }

    /** Whether there are any in a world. */
    static boolean areIn(long seed) {
        return chance(seed).nextInt(3) == 0;
    }

    private static SplittableRandom chance(long seed) {
        return new SplittableRandom(seed * 31 + 7);
    }

    void begin() {
        int many = 1 + chance.nextInt(6);
        many = chance.nextInt(4) == 0 ? many * 6 : many; // more than have room at a time
        for (int i = areIn ? many : 0; i > 0; i--) {
            world.at(chance.nextLong(scenario.trouble.toNanos()), this::issue);
        }
    }

    /** Holds one message among four, as others may; whether it did. */
    boolean hold(Envelope envelope, String destination) {
        boolean held = areIn && !peace && chance.nextInt(4) == 0;
        if (held) {
            TopicPartition place = log.placeOf(kafka.topics.held().name(), destination);
            log.append(place, destination.getBytes(UTF_8), scenario.mails.envelopes.encode(envelope));
        }
        return held;
    }

    /** In peace, so that all mail ends. */
    void releaseAll() {
        peace = true;
        if (areIn) {
            issue(Job.Action.RELEASE, Selector.of(Map.of("all", "true")));
        }
    }

    private void issue() {
        Selector selector = Selector.of(words());
        Job.Action action =
                switch (chance.nextInt(9)) {
                    case 0, 1, 2 -> Job.Action.RELEASE;
                    case 3 -> Job.Action.BOUNCE;
                    case 4 -> Job.Action.DROP;
                    case 5 -> Job.Action.REPLAY;
                    default -> Job.Action.FLUSH;
                };
        for (int i = chance.nextInt(3) == 0 ? 2 : 1; i > 0; i--) {
            issue(action, selector);
        }
    }

    private void issue(Job.Action action, Selector selector) {
        String held = kafka.topics.held().name();
        Map<TopicPartition, Long> ends = new HashMap<>();
        kafka.retriers.partitions().stream()
                .filter(place -> action != Job.Action.FLUSH && action != Job.Action.RELEASE
                        || place.topic().equals(held) == (action == Job.Action.RELEASE))
                .forEach(place -> ends.put(place, log.partition(place).end));
        String id = String.format("%012d", issued.size());
        Job job = new Job(id, action, selector, ends, "", "", world.clock.millis());
        issued.put(id, job);
        world.saw("job " + job);
        kafka.said(new ProducerRecord<>(
                kafka.topics.control().name(), job.key().getBytes(UTF_8), codec.encode(job.toRecord())));
    }

    private Map<String, String> words() {
        List<String> destinations = List.copyOf(scenario.routes.keySet());
        String one = destinations.get(chance.nextInt(destinations.size()));
        return switch (chance.nextInt(5)) {
            case 0 -> Map.of("all", "true");
            case 1 -> Map.of("destination", one);
            case 2 -> Map.of("domain", one, "reply", "full");
            case 3 -> Map.of("code", "4.2.*"); // of some recipients among others
            default -> Map.of("sender", "a@sender.test", "code", "45*");
        };
    }

    /** A job by its id; null for one that nobody issued. */
    @Nullable
    Job issued(String id) {
        return issued.get(id);
    }

    /** What a partition's owner says of its jobs when it commits a mark. */
    void said(TopicPartition place, JobShares shares) {
        shares.shares().forEach((id, share) -> {
            Job job = issued.get(id);
            if (job == null || share.below() > job.end(place)) {
                witness.violation(
                        "job " + id + " has come to " + share + " of " + place + ", which came later: " + job);
            }
        });
    }

    /** Whether it was said that a job wants this mail to leave. */
    boolean want(Envelope envelope, String destination) {
        return issued.values().stream()
                .anyMatch(job ->
                        job.meant(envelope, destination, world.clock.millis()).size()
                                == envelope.getRecipients().size());
    }

    /** Whether it was said that a job gives up this mail, as its dead letter says it. */
    boolean giveUp(Failure letter) {
        return switch (letter.getReason()) {
            case DROPPED -> isIssued(Job.Action.DROP);
            case BOUNCED ->
                isIssued(Job.Action.BOUNCE)
                        && letter.getEnvelope().getRecipients().stream().allMatch(Jobs::isSaid);
            default -> false;
        };
    }

    private boolean isIssued(Job.Action action) {
        return issued.values().stream().anyMatch(job -> job.action() == action);
    }

    private static boolean isSaid(Recipient recipient) {
        LastReply said = recipient.getLastReply();
        return said != null && said.getText().contains("given up by the operator");
    }

    /** Some time after the last trouble each has been done. */
    void checkThatAllAreDone() {
        for (Job job : issued.values()) {
            for (TopicPartition place : job.ends().keySet()) {
                for (SimulatedLog.Entry entry : log.partition(place).entries) {
                    if (!entry.finished && entry.offset < job.end(place) && means(job, entry)) {
                        witness.violation(entry.tokens + " waits in " + place + " although job " + job + " means it");
                    }
                }
            }
        }
    }

    /** Whether any job means what lies there. */
    boolean means(TopicPartition place, SimulatedLog.Entry entry) {
        return issued.values().stream().anyMatch(job -> entry.offset < job.end(place) && means(job, entry));
    }

    private boolean means(Job job, SimulatedLog.Entry entry) {
        try {
            Envelope envelope = scenario.mails.envelopes.decode(entry.octets());
            return !job.meant(envelope, new String(entry.key(), UTF_8), entry.atMillis)
                    .isEmpty();
        } catch (UndecodableException | UnknownSchemaException | NewerRecordException e) {
            throw new AssertionError(e);
        }
    }

    int count() {
        return issued.size();
    }
}
