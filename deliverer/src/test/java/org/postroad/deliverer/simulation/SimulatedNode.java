package org.postroad.deliverer.simulation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.VirtualLoop;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.RecoveryNotice;

/** One process: it runs a deliverer's loops and turns by the world's clock, and may freeze, be cut off, end or die. */
final class SimulatedNode implements World.Actor, SimulatedGroup.Member, SimulatedDeliverer.Runner {
    private static final long MILLI = 1_000_000;
    private static final long NEVER = Long.MIN_VALUE;

    /** Where its connections lead. */
    interface Ways {
        SimulatedChannel.Wire connect(SimulatedNode from, SimulatedChannel channel, InetSocketAddress to);
    }

    final SimulatedKafka.Client client;
    final SeenOfNode seen;
    private final String name;
    private final int incarnation;
    private final World world;
    private final SimulatedKafka kafka;
    private final Scenario scenario;
    private final SplittableRandom chance;
    private final SimulatedDeliverer deliverer;
    private final List<SimulatedChannel.Wire> wires = new ArrayList<>();
    private final Map<Integer, Long> leavingSince = new HashMap<>();
    private final Consumer<SimulatedNode> ended;
    private boolean alive = true;
    private boolean closing;
    private long closingSince = Long.MAX_VALUE;
    private long frozenUntil = NEVER;
    private long pollAt;
    private long retryAt;
    private long controlAt;
    private int open;

    /** @param ended hears of its end, when it was told to end */
    SimulatedNode(
            String name,
            int incarnation,
            World world,
            SimulatedKafka kafka,
            Scenario scenario,
            Ways ways,
            Consumer<SimulatedNode> ended) {
        this.name = name;
        this.incarnation = incarnation;
        this.world = world;
        this.kafka = kafka;
        this.scenario = scenario;
        this.ended = ended;
        this.chance = world.chance();
        this.client = kafka.new Client();
        this.seen = new SeenOfNode(world, scenario.mostInDoubt, scenario.connections);
        SimulatedChannel.Network network = (channel, to) -> {
            SimulatedChannel.Wire wire = ways.connect(this, channel, to);
            wires.add(wire);
            return wire;
        };
        this.deliverer =
                new SimulatedDeliverer(name, id(), world, kafka, client, scenario, network, this, seen::committed);
    }

    void start() {
        kafka.deliverers.join(this);
        deliverer.retryReader.begin();
        deliverer.control.begin();
        world.add(this);
    }

    String name() {
        return name;
    }

    int incarnation() {
        return incarnation;
    }

    /** The member of its groups, another with each start. */
    @Override
    public String id() {
        return name + "#" + incarnation;
    }

    boolean isAlive() {
        return alive;
    }

    /** Whether something more may befall it. */
    boolean isWell() {
        return alive && !closing && !isFrozen() && !client.isCut();
    }

    private boolean isFrozen() {
        return world.now() < frozenUntil;
    }

    private long millis(int least, int most) {
        return (least + chance.nextInt(most - least + 1)) * MILLI;
    }

    /** The process is gone at once; what it had sent arrives. */
    void die() {
        gone();
        world.after(Duration.ofMillis(5_000 + chance.nextInt(1_000)), this::expire);
    }

    private void gone() {
        alive = false;
        world.remove(this);
        wires.forEach(SimulatedChannel.Wire::closed); // by its host
    }

    /** Its groups know it no more. */
    private void expire() {
        kafka.deliverers.leave(id());
        kafka.retriers.leave(id());
    }

    /** It stands still for a while. */
    void freeze(Duration howLong) {
        frozenUntil = world.now() + howLong.toNanos();
        outOfReach(howLong);
    }

    /** Kafka is out of reach for a while. */
    void cut(Duration howLong) {
        client.cut(true);
        world.after(howLong, () -> client.cut(false));
        outOfReach(howLong);
    }

    private void outOfReach(Duration howLong) {
        Duration session = Duration.ofMillis(5_000 + chance.nextInt(1_000));
        if (howLong.compareTo(session) > 0) {
            world.after(session, this::expire);
            world.after(howLong.plusMillis(chance.nextInt(1_000)), this::rejoin);
        }
    }

    /** It hears that it was no member any more, some time after it could. */
    private void rejoin() {
        if (!alive || kafka.deliverers.isMember(id())) {
            return;
        }
        if (client.isCut() || isFrozen()) {
            world.after(Duration.ofSeconds(1), this::rejoin);
            return;
        }
        deliverer.changes.lost(kafka.deliverers.partitions());
        kafka.deliverers.join(this);
        if (!kafka.retriers.isMember(id())) {
            deliverer.waiting.lost();
            kafka.retriers.join(deliverer.waiting);
        }
    }

    /** It is told to end, and does when it has given everything up. */
    void close() {
        closing = true;
        closingSince = world.now();
        deliverer.retryReader.close();
        deliverer.poller.close();
        pollAt = world.now();
    }

    @Override
    public void assigned(List<TopicPartition> fresh, int generation) {
        deliverer.changes.assigned(fresh, kafka.deliverers.metadata(id(), generation));
        pollWithin(100);
    }

    @Override
    public void leaving(List<TopicPartition> some, int generation, Runnable gone) {
        some.forEach(one -> leavingSince.put(one.partition(), world.now()));
        deliverer.changes.leaving(some, kafka.deliverers.metadata(id(), generation), gone);
        pollWithin(100);
    }

    private void pollWithin(int millis) {
        pollAt = Math.min(pollAt, world.now() + millis(1, millis));
    }

    @Override
    public void started(OpenDelivery delivery) {
        open++;
    }

    @Override
    public void finished() {
        open--;
        pollWithin(30);
    }

    @Override
    public void recovered(RecoveryNotice notice) {
        controlAt = Math.min(controlAt, world.now() + millis(1, 200));
    }

    @Override
    public void limited(Limits limits) {
        seen.limited(limits);
    }

    /** For how many nanoseconds it has been leaving that partition, which a node that ends does of its own accord. */
    long leavesSince(int partition) {
        return world.now() - Math.min(closingSince, leavingSince.getOrDefault(partition, world.now()));
    }

    /** Whether it has had the time to follow what was said some seconds ago. */
    boolean hasFollowed() {
        boolean awake = frozenUntil == NEVER
                || world.now() - frozenUntil > Duration.ofSeconds(1).toNanos();
        return alive && !closing && awake && client.isWell();
    }

    /** There is something new in the log. */
    void appended() {
        if (deliverer.outbound.hasNews()) {
            pollWithin(50);
        }
        if (deliverer.waiting.hasNews()) {
            retryAt = Math.min(retryAt, world.now() + millis(1, 100));
        }
        if (deliverer.said.hasNews()) {
            controlAt = Math.min(controlAt, world.now() + millis(1, 100));
        }
    }

    @Override
    public long nextAt() {
        long next = Math.min(Math.min(pollAt, retryAt), controlAt);
        for (VirtualLoop loop : deliverer.loops) {
            next = Math.min(next, loop.nextAt());
        }
        return Math.max(next, frozenUntil);
    }

    @Override
    public void goOn() {
        long now = world.now();
        if (now < nextAt()) {
            return;
        }
        runLoops();
        if (now >= pollAt) {
            pollAt = Long.MAX_VALUE;
            pollerTurn(now);
            runLoops();
        }
        if (alive && now >= retryAt) {
            retryAt = Long.MAX_VALUE;
            deliverer.retryReader.turn();
            retryAt = Math.min(retryAt, now + untilRetry());
        }
        if (alive && now >= controlAt) {
            controlTurn();
            runLoops();
            controlAt = now
                    + (deliverer.said.hasNews()
                            ? millis(1, 100)
                            : Duration.ofMinutes(1).toNanos());
        }
    }

    private void controlTurn() {
        try {
            deliverer.control.turn();
        } catch (KafkaException away) {
            world.saw(id() + " cannot follow the control topic");
        }
    }

    private void runLoops() {
        boolean ran = true;
        while (ran) {
            ran = false;
            for (VirtualLoop loop : deliverer.loops) {
                ran |= loop.runAll();
            }
        }
    }

    private void pollerTurn(long now) {
        if (!closing) {
            deliverer.poller.turn();
        } else if (deliverer.poller.leaveTurn()) {
            deliverer.lease.end();
            expire();
            gone();
            ended.accept(this);
            return;
        }
        if (deliverer.proof.isDue(now)) {
            prove(now);
        }
        boolean busy =
                deliverer.outbound.hasNews() || client.isPending() || closing || !kafka.deliverers.isMember(id());
        int most = busy ? 60 : open > 0 ? scenario.busyPoll : scenario.idlePoll(now);
        pollAt = Math.min(pollAt, now + millis(5, most));
    }

    /** The request that begins its session anew, and its answer. */
    private void prove(long asked) {
        long under = millis(1, client.isWell() ? 50 : 12_000);
        world.at(asked + under / 2, () -> {
            boolean known = !client.isCut() && kafka.deliverers.isMember(id());
            world.at(world.now() + under / 2, () -> {
                deliverer.proof.answered();
                if (known && alive && !client.isCut()) {
                    seen.proven(asked);
                    deliverer.changes.proven(asked);
                }
            });
        });
    }

    private long untilRetry() {
        if (deliverer.waiting.hasNews() || client.isPending()) {
            return millis(5, 60);
        }
        long wait = deliverer.waiting.lastWait().toNanos();
        return wait < 100 * MILLI ? Math.max(MILLI, wait) : millis(100, scenario.idlePoll(world.now()));
    }

    /** Who owned each partition of outbound, as the group sees it. */
    Map<Integer, String> ownersNow() {
        Map<Integer, String> owners = new HashMap<>();
        for (TopicPartition partition : kafka.deliverers.partitions()) {
            String owner = kafka.deliverers.ownerOf(partition);
            if (owner != null) {
                owners.put(partition.partition(), owner);
            }
        }
        return owners;
    }

    boolean hasOwnedSince(int partition, long since) {
        return kafka.deliverers.hasOwnedSince(
                id(), new TopicPartition(kafka.topics.outbound().name(), partition), since);
    }
}
