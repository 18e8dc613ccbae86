package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/**
 * One seed: nodes of the deliverer between simulated brokers and simulated exchangers, mail and trouble for some hours, then peace
 * until all mail has ended.
 *
 * <p>Simulated is the world outside alone. Whatever moves mail inside a node is the class that does it in production.
 */
final class Simulation {
    /** After the last trouble, until everything is as it was before: probes, dead addresses, sessions. */
    private static final Duration GRACE = Duration.ofMinutes(5);

    /** No mail that may go waits so long where nothing is in its way. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /** After trouble of a node: its restart, the last of its sessions, and what it left half done. */
    private static final Duration RECOVERED = Duration.ofMinutes(5);

    /** As many messages at once on one connection that is slow. */
    private static final Duration PROMPT = Duration.ofMinutes(2);

    private static final int AT_ONCE = 20;

    /** After its end a hold is heard of by all nodes, and what it held is written. */
    private static final Duration HELD_BY = Duration.ofMinutes(4);

    /** Messages for one destination at once. */
    private static final int BURST = 12;

    private final long seed;
    private final World world;
    private final SplittableRandom chance;
    final Scenario scenario;
    private final Witness witness;
    private final SimulatedLog log;
    private final SimulatedKafka kafka;
    private final Jobs jobs;
    private final Suspensions suspensions;
    private final HoldPolicies holds;
    private final List<SimulatedExchanger> exchangers = new ArrayList<>();
    private final Map<InetSocketAddress, SimulatedExchanger> byAddress = new HashMap<>();
    private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    private final List<String> tokens = new ArrayList<>();
    private boolean peace;
    private int accepted;
    private long nodesWellSince;
    private int routed;

    Simulation(long seed) {
        this.seed = seed;
        this.world = new World(seed);
        this.chance = world.chance();
        this.scenario = new Scenario(world.chance());
        this.log = new SimulatedLog(world, scenario.topics, scenario.mails, scenario.roads);
        scenario.placing(destination ->
                log.placeOf(scenario.topics.outbound().name(), destination).partition());
        this.witness = new Witness(world, scenario);
        Books books = new Books(world, scenario.topics, scenario.mails, log, witness);
        this.kafka = new SimulatedKafka(world, scenario.topics, log, books, Jobs.areIn(seed));
        this.jobs = new Jobs(seed, world, kafka, scenario, log, witness);
        this.suspensions = new Suspensions(seed, world, kafka, scenario, nodes.values(), witness);
        this.holds = new HoldPolicies(seed, world, kafka, scenario, jobs, witness);
        witness.holds(holds);
        books.jobs(jobs, holds);
        kafka.deliverers.whenGivenUp((member, partition) -> witness.givenUp(member, partition.partition()));
        kafka.whenAppended(this::appended);
        for (int i = 0; i < scenario.exchangers; i++) {
            SimulatedExchanger exchanger = new SimulatedExchanger(address(i), chance.nextInt(3) == 0, world, witness);
            exchangers.add(exchanger);
            byAddress.put(exchanger.address, exchanger);
        }
        InetSocketAddress calm = address(scenario.exchangers);
        byAddress.put(calm, new SimulatedExchanger(calm, false, world, witness));
    }

    private static InetSocketAddress address(int exchanger) {
        try {
            return new InetSocketAddress(InetAddress.getByName(Scenario.host(exchanger)), 25);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs it to its end; throws with the seed and what was wrong. */
    Simulation run() {
        try {
            for (int i = 0; i < scenario.nodes; i++) {
                startNode("n" + i, 1);
            }
            for (int i = 0; i < scenario.messages; i++) {
                int burst = chance.nextInt(20) == 0 ? BURST : 1;
                world.at(chance.nextLong(scenario.trouble.toNanos()), () -> accept(burst));
            }
            trouble();
            new ChangingLimits(seed, world, kafka, scenario, nodes.values(), witness).begin();
            suspensions.begin();
            holds.begin();
            jobs.begin();
            world.run(scenario.trouble.toNanos(), this::check);
            makePeace();
            world.run(world.now() + GRACE.plus(LONGEST_WAIT).toNanos(), this::check);
            checkThatNothingWaits();
            jobs.checkThatAllAreDone();
            long latest = world.now() + scenario.lifetime.plusHours(10).toNanos();
            while (!isOver() && world.now() < latest) {
                world.run(world.now() + Duration.ofMinutes(10).toNanos(), this::check);
                checkThatNothingWaits();
                checkThatNothingIsLate();
            }
            if (!isOver()) {
                fail(tokens.stream().filter(token -> !witness.hasEnded(token)).toList() + " never ended");
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ", " + scenario + ": " + e.getMessage(), e);
        }
        return this;
    }

    private void startNode(String name, int incarnation) {
        SimulatedNode node = new SimulatedNode(name, incarnation, world, kafka, scenario, this::connect, this::restart);
        nodes.put(name, node);
        node.start();
    }

    private SimulatedChannel.Wire connect(SimulatedNode from, SimulatedChannel channel, InetSocketAddress to) {
        return Objects.requireNonNull(byAddress.get(to)).connect(from, channel);
    }

    private void restart(SimulatedNode ended) {
        long inMillis = peace ? 1 : chance.nextLong(60_000);
        if (!peace && chance.nextInt(3) == 0) {
            long before = Math.max(1, inMillis - chance.nextLong(3_000));
            world.after(Duration.ofMillis(before), () -> accept(BURST)); // under way while partitions move
        }
        world.after(Duration.ofMillis(inMillis), () -> startNode(ended.name(), ended.incarnation() + 1));
    }

    private void appended() {
        nodes.values().forEach(SimulatedNode::appended);
        routeLater();
    }

    /** A router: what is in "again" goes to outbound, afresh. */
    private void routeLater() {
        SimulatedLog.Partition again =
                log.partition(new TopicPartition(scenario.topics.again().name(), 0));
        if (routed < again.entries.size()) {
            world.after(Duration.ofMillis(20 + chance.nextInt(500)), () -> {
                while (routed < again.entries.size()) {
                    route(again.entries.get(routed++));
                }
                nodes.values().forEach(SimulatedNode::appended);
            });
        }
    }

    private void route(SimulatedLog.Entry entry) {
        try {
            route(scenario.mails.envelopes.decode(entry.octets()));
        } catch (UndecodableException | UnknownSchemaException | NewerRecordException e) {
            throw new AssertionError(e);
        }
    }

    private void route(Envelope envelope) {
        String address = envelope.getRecipients().get(0).getAddress();
        String destination = address.substring(address.indexOf('@') + 1);
        List<String> hosts = scenario.routes.getOrDefault(destination, List.of()).stream()
                .map(Scenario::host)
                .toList();
        long age = chance.nextInt(30) == 0
                ? Duration.ofHours(2).toMillis()
                : 0; // outbound is far behind, or clocks differ
        Delivery delivery = Mails.routed(envelope, destination, hosts, world.clock.millis() - age);
        TopicPartition place = log.placeOf(scenario.topics.outbound().name(), destination);
        log.append(place, destination.getBytes(UTF_8), scenario.mails.deliveries.encode(delivery));
        if (chance.nextInt(3) == 0) {
            log.mark(place);
        }
    }

    /** Mail for one destination has been accepted and routed. */
    private void accept(int burst) {
        List<String> destinations = List.copyOf(scenario.routes.keySet());
        accept(destinations.get(chance.nextInt(destinations.size())), burst);
    }

    private void accept(String destination, int burst) {
        int number = accepted++;
        for (int i = 0; i < burst; i++) {
            List<String> recipients = new ArrayList<>();
            for (int j = chance.nextInt(4); j >= 0; j--) {
                String kind = List.of("unknown", "full", "a", "b", "c", "d").get(chance.nextInt(6));
                recipients.add(kind + j + "." + number + "-" + i + "@" + destination);
            }
            String queueId = "Q" + number + "-" + i;
            Duration lifetime = chance.nextInt(8) == 0 ? Duration.ofMinutes(5 + chance.nextInt(60)) : scenario.lifetime;
            for (String recipient : recipients) {
                tokens.add(Mails.token(queueId, recipient));
                witness.expires(Mails.token(queueId, recipient), lifetime);
            }
            Object content =
                    scenario.isAnyLarge && chance.nextInt(4) == 0 ? SimulatedContent.reference() : Mails.small();
            Envelope envelope =
                    scenario.mails.envelope(queueId, recipients, content, world.clock.millis(), lifetime.toMillis());
            if (!jobs.hold(envelope, destination)) {
                route(envelope);
            }
        }
        nodes.values().forEach(SimulatedNode::appended);
    }

    private void trouble() {
        world.after(Duration.ofSeconds(1 + (long) (-Math.log(1 - chance.nextDouble()) * 240)), () -> {
            if (!peace) {
                makeTrouble();
                trouble();
            }
        });
    }

    private void makeTrouble() {
        List<SimulatedNode> all =
                nodes.values().stream().filter(SimulatedNode::isWell).toList();
        int what = chance.nextInt(100);
        if (what < 60 || all.isEmpty()) {
            SimulatedExchanger.Mood[] moods = SimulatedExchanger.Mood.values();
            SimulatedExchanger one = exchangers.get(chance.nextInt(exchangers.size()));
            one.become(moods[chance.nextInt(moods.length)]);
            world.saw(one.address + " is " + one.mood());
            return;
        }
        nodesWellSince = world.now();
        SimulatedNode node = all.get(chance.nextInt(all.size()));
        world.saw(node.id() + " has trouble " + what);
        if (what < 70) {
            node.die();
            restart(node);
        } else if (what < 78) {
            node.freeze(Duration.ofMillis(chance.nextLong(20_000)));
        } else if (what < 86) {
            node.cut(Duration.ofMillis(chance.nextLong(30_000)));
        } else if (what < 94) {
            node.client.unwell(5 + chance.nextInt(60));
            world.after(Duration.ofSeconds(chance.nextInt(120)), () -> node.client.unwell(0));
            world.after(Duration.ofSeconds(chance.nextInt(30)), () -> accept(Scenario.CALM, BURST));
        } else {
            node.close();
        }
    }

    private void makePeace() {
        peace = true;
        exchangers.forEach(exchanger -> exchanger.become(SimulatedExchanger.Mood.FINE));
        nodes.values().forEach(node -> node.client.unwell(0));
        suspensions.end();
        holds.end();
        jobs.releaseAll();
        world.after(HELD_BY, jobs::releaseAll); // by nodes that heard it late
    }

    private void check() {
        String violation = witness.firstViolation();
        if (violation != null) {
            fail(violation);
        }
        if (world.steps() % 64 == 0) {
            exchangers.forEach(this::checkPace);
            checkThatNobodyWaitsForOthers();
        }
    }

    /** An exchanger that takes no mail is connected to about ten times in the first minute, and four times in each after it. */
    private void checkPace(SimulatedExchanger exchanger) {
        boolean forLong = exchanger.uselessFor() > Duration.ofMinutes(3).toNanos();
        for (SimulatedNode node : nodes.values()) {
            int most = node.isAlive() && forLong && node.seen.connectsInVain(exchanger) > 15 ? 5 : Integer.MAX_VALUE;
            if (node.seen.connectsLately(exchanger) > most) {
                fail(node.id() + " connected " + node.seen.connectsLately(exchanger) + " times in a minute to "
                        + exchanger.address + ", which has been " + exchanger.mood() + " for long");
            }
        }
    }

    /** Whatever ails other destinations, on its own partition too, a healthy one gets its mail. */
    private void checkThatNobodyWaitsForOthers() {
        if (world.now() - nodesWellSince < RECOVERED.toNanos()) {
            return;
        }
        SimulatedLog.Partition place =
                log.partition(log.placeOf(scenario.topics.outbound().name(), Scenario.CALM));
        for (int i = place.firstUnfinished; i < place.entries.size(); i++) {
            SimulatedLog.Entry entry = place.entries.get(i);
            Duration waits = Duration.ofNanos(world.now() - entry.atNanos);
            boolean overdue = !entry.finished && isCalm(entry) && waits.compareTo(PROMPT) > 0;
            if (overdue && waits.compareTo(PROMPT.multipliedBy(1 + besides(entry, place) / AT_ONCE)) > 0) {
                fail(entry.tokens + " waits since " + waits + " behind others");
            }
        }
    }

    /** What was held or suspended may come back at once, and then it waits for its own: so many that came when it did. */
    private static long besides(SimulatedLog.Entry one, SimulatedLog.Partition place) {
        return place.entries.stream()
                .filter(entry -> isCalm(entry) && Math.abs(entry.atNanos - one.atNanos) < PROMPT.toNanos())
                .count();
    }

    private static boolean isCalm(SimulatedLog.Entry entry) {
        return Scenario.CALM.equals(new String(entry.key(), UTF_8));
    }

    private void checkThatNothingWaits() {
        for (TopicPartition place : kafka.deliverers.partitions()) {
            for (SimulatedLog.Entry entry : log.partition(place).entries) {
                if (!entry.finished && world.now() - entry.atNanos > LONGEST_WAIT.toNanos()) {
                    fail(entry.tokens + " waits in " + place + " since " + Duration.ofNanos(world.now() - entry.atNanos)
                            + ", and nothing is in its way");
                }
            }
        }
    }

    /** What has waited in its tier leaves it, wherever to. */
    private void checkThatNothingIsLate() {
        for (Duration tier : scenario.retry.tiers()) {
            for (TopicPartition place :
                    log.partitionsOf(scenario.topics.retry(tier).name())) {
                for (SimulatedLog.Entry entry : log.partition(place).entries) {
                    long late = world.now() - entry.atNanos - tier.toNanos();
                    if (!entry.finished && late > GRACE.toNanos()) {
                        fail(entry.tokens + " should have left " + place + " " + Duration.ofNanos(late) + " ago");
                    }
                }
            }
        }
    }

    private boolean isOver() {
        return tokens.stream().allMatch(witness::hasEnded);
    }

    private void fail(String what) {
        throw new AssertionError(what);
    }

    long trace() {
        return world.trace();
    }

    Witness witness() {
        return witness;
    }

    Duration time() {
        return Duration.ofNanos(world.now());
    }

    long steps() {
        return world.steps();
    }

    int recipients() {
        return tokens.size();
    }
}
