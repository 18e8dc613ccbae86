package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.Holds;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Policy;
import org.postroad.schemas.policy.Job;

/**
 * An operator who wants mail held while it moves, and takes it back; and whether what he means is held, nothing else, and nothing that he
 * has released since. In half of the worlds with jobs, by a chance of its own.
 */
final class HoldPolicies {
    /** What had its turn when a node heard of it waits for a connection for so long at most. */
    private static final Duration FOLLOWED = Duration.ofMinutes(10);

    private static final String WHOSE = "\"queueId\":\"([^\"]*)\".*\"recipients\":\\[\"([^\\]]*)\"\\].*";
    private static final Pattern HELD =
            Pattern.compile(WHOSE + "\"reason\":\"" + Pattern.quote(Holds.WORDS) + " \\((hold:[^)]*)\\)");
    private static final Pattern RELEASED = Pattern.compile(WHOSE + "\"job\":\"([^\"]*)\"");

    private final SplittableRandom chance;
    private final boolean areIn;
    private final World world;
    private final SimulatedKafka kafka;
    private final Scenario scenario;
    private final Jobs jobs;
    private final Witness witness;
    private final Codec<Policy> codec;

    /** When each that stands was decided, in milliseconds, and said, in nanoseconds. */
    private final Map<String, Long> decided = new HashMap<>();

    private final Map<String, Long> standingSince = new HashMap<>();

    /** When an operator last let the mail of a recipient go on that was held. */
    private final Map<String, Long> released = new HashMap<>();

    /** The same of any of a message's, or lets it begin anew, wherever it waited. */
    private final Map<String, Long> letPast = new HashMap<>();

    HoldPolicies(long seed, World world, SimulatedKafka kafka, Scenario scenario, Jobs jobs, Witness witness) {
        this.chance = new SplittableRandom(seed * 41 + 13);
        this.areIn = Jobs.areIn(seed) && chance.nextBoolean();
        this.world = world;
        this.kafka = kafka;
        this.scenario = scenario;
        this.jobs = jobs;
        this.witness = witness;
        this.codec = new Codec<>(Policy.class, scenario.mails.schemas);
    }

    void begin() {
        for (int i = areIn ? 1 + chance.nextInt(6) : 0; i > 0; i--) {
            world.at(chance.nextLong(scenario.trouble.toNanos()), this::change);
        }
    }

    /** So that all mail ends. */
    void end() {
        List.copyOf(standingSince.keySet()).forEach(subject -> say(subject, false));
    }

    private void change() {
        List<String> subjects = new ArrayList<>(List.of("all", "code=4.2.*", "code=45*&domain=" + Scenario.CALM));
        scenario.routes.keySet().forEach(destination -> subjects.add("domain=" + destination));
        say(subjects.get(chance.nextInt(subjects.size())), chance.nextInt(4) > 0);
    }

    private void say(String subject, boolean stands) {
        world.saw("hold:" + subject + " " + stands);
        long now = world.clock.millis();
        if (stands) {
            decided.put(subject, now);
            standingSince.putIfAbsent(subject, world.now());
        } else {
            standingSince.remove(subject);
        }
        Map<String, String> settings = stands ? Map.of() : Map.of("until", "1970-01-01T00:00:00Z");
        kafka.said(new ProducerRecord<>(
                kafka.topics.control().name(),
                ("hold:" + subject).getBytes(UTF_8),
                codec.encode(new Policy("hold", subject, settings, "", "", now))));
    }

    /** An event is written; whether an operator's hold is what it tells of. */
    boolean isTold(String event) {
        Matcher gone = RELEASED.matcher(event);
        if (event.contains("\"event\":\"released\"") && gone.find()) {
            Job job = jobs.issued(gone.group(3));
            if (job != null && job.action() != Job.Action.FLUSH) {
                letPast.merge(gone.group(1), job.atMillis(), Math::max);
            }
            if (job != null && job.action() == Job.Action.RELEASE) {
                tokens(gone).forEach(token -> released.merge(token, job.atMillis(), Math::max));
            }
        }
        Matcher held = HELD.matcher(event);
        if (!held.find()) {
            return false;
        }
        String subject = held.group(3).substring("hold:".length());
        Long at = decided.get(subject);
        if (at == null || !isMeant(subject, event)) {
            witness.violation("nobody wanted that held: " + event);
        } else if (standingSince.containsKey(subject)
                && tokens(held).stream().anyMatch(token -> at <= released.getOrDefault(token, 0L))) {
            witness.violation("was let go on since: " + event);
        }
        return true;
    }

    private static List<String> tokens(Matcher event) {
        return Stream.of(event.group(2).split("\",\"", -1))
                .map(recipient -> Mails.token(event.group(1), recipient))
                .toList();
    }

    private static boolean isMeant(String subject, String event) {
        int domain = subject.indexOf("domain=");
        return domain < 0 || event.contains("@" + subject.substring(domain + "domain=".length()) + "\"");
    }

    /** Why a message should be held rather than begun; null when it may. */
    @Nullable
    String forbids(String queueId, String destination) {
        for (String subject : List.of("all", "domain=" + destination)) {
            Long since = standingSince.get(subject);
            if (since != null
                    && world.now() - since > FOLLOWED.toNanos()
                    && decided.getOrDefault(subject, 0L) > letPast.getOrDefault(queueId, 0L)) {
                return "hold:" + subject;
            }
        }
        return null;
    }
}
